import { FormatError, UnsupportedError } from '../../errors.ts';
import { isObject, KERAS, type Json } from './json.ts';

/** A layer of a Keras model, or a model, which has layers. */
export interface KerasLayer {
  readonly className: string;
  readonly name: string;
  readonly config: Json;
  /** The record around the configuration, with the calls. */
  readonly record: Json;
  /** The layers of a model, in order; null for any other layer. */
  readonly layers: readonly KerasLayer[] | null;
  /** Keras 3's operators, such as `keras.ops.add`, are no layers and have no variables. */
  readonly isOperator: boolean;
}

const MODELS: ReadonlySet<string> = new Set(['Sequential', 'Functional', 'Model']);

/**
 * Reads a model's configuration (`{class_name, config}`) as a tree, as Keras 1, 2 and 3 write it.
 *
 * @throws UnsupportedError for a model class of its own, whose layers stand in Python code
 */
export function readLayerTree(model: Json, file: string): KerasLayer {
  const root = readLayer(model, file);
  if (root.layers === null) {
    throw new UnsupportedError(
      `Keras class ${root.className}`,
      `${file} holds a model of the class ${root.className}, whose layers stand in Python code and not in the file; build the model from layers (Sequential or keras.Model(inputs, outputs)) and save that`,
    );
  }
  return root;
}

function readLayer(record: Json, file: string): KerasLayer {
  const className = record['class_name'];
  const given = record['config'];
  if (typeof className !== 'string' || (!isObject(given) && !Array.isArray(given))) {
    throw new FormatError(
      KERAS,
      `${file}: a layer of its configuration has no class_name or no config`,
    );
  }
  // A Sequential of Keras 1 is a list of layers and has no name.
  const config: Json = Array.isArray(given) ? { layers: given } : given;
  const name = record['name'] ?? config['name'] ?? className.toLowerCase();
  if (typeof name !== 'string' || name.includes('\0')) {
    throw new FormatError(
      KERAS,
      `${file}: a layer of class ${className} has a name that is no text`,
    );
  }
  const list = config['layers'];
  const isModel =
    MODELS.has(className) || (Array.isArray(list) && config['input_layers'] !== undefined);
  if (isModel && !Array.isArray(list)) {
    throw new FormatError(KERAS, `${file}: the model ${name} has no list of layers`);
  }
  return {
    className,
    name,
    config,
    record,
    isOperator: /^keras(\.src)?\.ops\b/.test(String(record['module'])),
    layers: isModel
      ? (list as unknown[]).map((layer) => {
          if (!isObject(layer))
            throw new FormatError(KERAS, `${file}: a layer of ${name} is no object`);
          return readLayer(layer, file);
        })
      : null,
  };
}

/** A layer that is no model, and where it is. */
export interface Leaf {
  readonly layer: KerasLayer;
  /** The names of the models around it below the outermost one, and its own. */
  readonly path: readonly string[];
  /** False if the layer or a model around it is frozen. Keras lists the variables of such layers later. */
  readonly isTrainable: boolean;
}

/** All layers of a tree that are no models, in order. */
export function listLeaves(
  layer: KerasLayer,
  path: readonly string[] = [],
  isTrainable = true,
): readonly Leaf[] {
  const trains = isTrainable && layer.config['trainable'] !== false;
  if (layer.layers === null) return [{ layer, path, isTrainable: trains }];
  return layer.layers.flatMap((child) => listLeaves(child, [...path, child.name], trains));
}
