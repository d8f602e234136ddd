import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { GradcamError } from '../../base/errors.ts';
import type { LayerLibrary, LibraryLayer } from '../../readers/layers-model/layer-library.ts';
import { checkHonoured } from './check-honoured.ts';
import { toTfjsConfig } from './layer-config.ts';
import { classOfGru } from './reset-after-gru.ts';

/** The layers that tfjs-layers has, and those that users have registered. */
export const layerLibrary: LayerLibrary = {
  describe({ name, className, config, keras3 }, inputShapes) {
    const layer = createLayer(name, className, config);
    if (layer === null) return null;
    if (isBuiltIn(className)) checkHonoured(`${name} (${className})`, config, layer, keras3);
    const shapes = inputShapes.map((shape) => [null, ...shape]);
    const found = explainRefusals(name, className, () =>
      layer.computeOutputShape(shapes.length === 1 ? shapes[0]! : shapes),
    );
    const outputs = Array.isArray(found[0]) ? (found as (number | null)[][]) : [found];
    return {
      outputShapes: outputs.map((shape) => checkShape(name, className, shape as unknown[])),
      ...maskFacts(layer, className, config),
    };
  },
};

/**
 * Creates a layer that is not built yet.
 *
 * @returns null for a class that nobody has registered.
 * @throws GradcamError `unsupported` where tfjs-layers refuses the configuration.
 */
export function createLayer(
  name: string,
  className: string,
  config: Readonly<Record<string, unknown>>,
): tfl.layers.Layer | null {
  const classUsed = classOfGru(className, config['reset_after']);
  const { classNameMap } = tf.serialization.SerializationMap.getMap();
  const entry = Object.hasOwn(classNameMap, classUsed) ? classNameMap[classUsed] : undefined;
  if (entry === undefined) return null;
  const [cls, fromConfig] = entry;
  const spelled = toTfjsConfig(config, isBuiltIn(className)) as tf.serialization.ConfigDict;
  return explainRefusals(name, className, () => fromConfig(cls, spelled) as tfl.layers.Layer);
}

/** Whether tfjs-layers itself has the class, so that all its attributes are known. */
export function isBuiltIn(className: string): boolean {
  return builtIn.has(className.toLowerCase());
}

const builtIn: ReadonlySet<string> = new Set(
  Object.keys(tfl.layers).map((factory) => factory.toLowerCase()),
);

/** Runs a step of tfjs-layers, and turns its errors into one line that names the layer. */
export function explainRefusals<T>(name: string, className: string, step: () => T): T {
  try {
    return step();
  } catch (cause) {
    const [reason] = (cause as Error).message.split('\n');
    throw new GradcamError(
      'unsupported',
      `layer ${name} (${className}): tfjs-layers refuses it: ${reason}`,
      { cause },
    );
  }
}

function checkShape(name: string, className: string, [, ...sizes]: readonly unknown[]): number[] {
  if (sizes.every((size) => typeof size === 'number' && size > 0)) return sizes as number[];
  throw new GradcamError(
    'unsupported',
    `layer ${name} (${className}): its output has shape [${sizes.map(String).join(', ')}]; all sizes must be known`,
  );
}

type MaskFacts = Pick<LibraryLayer, 'mask' | 'readsMask'>;

function maskFacts(
  layer: tfl.layers.Layer,
  className: string,
  config: Readonly<Record<string, unknown>>,
): MaskFacts {
  if (className === 'Masking' || (className === 'Embedding' && config['mask_zero'] === true)) {
    return { mask: 'makes', readsMask: false };
  }
  const inner = (config['layer'] as { config?: Record<string, unknown> } | undefined)?.config;
  if (layer instanceof tfl.RNN || className === 'Bidirectional') {
    const sequences = (inner ?? config)['return_sequences'] === true;
    return { mask: sequences ? 'passes' : 'ends', readsMask: true };
  }
  const { supportsMasking } = layer;
  return {
    mask: supportsMasking ? 'passes' : 'ends',
    readsMask: supportsMasking && !isBuiltIn(className),
  };
}
