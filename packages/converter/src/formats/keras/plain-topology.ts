import { isObject, type Json } from './json.ts';
import { readLayerTree, type KerasLayer } from './layer-tree.ts';
import { createPlainCalls, type PlainCalls } from './plain-calls.ts';
import { findLacks } from './plain-tfjs.ts';
import { findVectorReaders } from './vector-layers.ts';

/** A model's configuration as a tfjs LayersModel has it. */
export interface PlainTopology {
  /** `modelTopology` of a `model.json`. */
  readonly topology: Json;
  /** What plain tfjs lacks for it, one line for each layer; our own readers have these layers. */
  readonly lacks: readonly string[];
}

/** What only training and initialisation use. The weights are in the file. */
const NOT_NEEDED =
  /_(initializer|regularizer|constraint)$|^(build_config|compile_config|shared_object_id|autocast|lora_rank|lora_alpha|quantization_config)$/;

/**
 * Writes the configuration of a Keras model in the words of Keras 2, which tfjs-layers reads: shapes of
 * inputs, types, calls and names of functions. Attributes that no inference needs are left out.
 *
 * @param model `{class_name, config}`.
 * @param version Keras's version, by which readers tell what some names mean.
 */
export function writePlainTopology(model: Json, version: string, file: string): PlainTopology {
  const tree = readLayerTree(model, file);
  const lacks: string[] = [];
  const isKeras3 = version.startsWith('3');
  const config = writeModel(tree, { lacks, isKeras3, vectorReaders: findVectorReaders(tree) });
  const topology = {
    keras_version: version,
    backend: 'tensorflow',
    model_config: { class_name: classOf(tree), config },
  };
  return { topology, lacks };
}

interface Writing {
  readonly lacks: string[];
  readonly isKeras3: boolean;
  /** The layers that take a list of numbers for each picture. */
  readonly vectorReaders: ReadonlySet<KerasLayer>;
}

function classOf({ className, layers }: KerasLayer): string {
  return layers === null || className === 'Sequential' ? className : 'Functional';
}

function writeModel(model: KerasLayer, writing: Writing): Json {
  const { config, layers, name } = model;
  const calls = createPlainCalls(model);
  const written = (layers ?? []).map((layer) => writeLayer(layer, calls, writing));
  if (model.className === 'Sequential') {
    const shape = config['build_input_shape'];
    return { name, layers: written, ...(shape === undefined ? {} : { build_input_shape: shape }) };
  }
  return {
    name,
    layers: written,
    input_layers: calls.writeEnds(config['input_layers']),
    output_layers: calls.writeEnds(config['output_layers']),
  };
}

function writeLayer(layer: KerasLayer, calls: PlainCalls, writing: Writing): Json {
  const { record, name } = layer;
  const inbound = record['inbound_nodes'];
  const written = Array.isArray(inbound) ? inbound.map((call) => calls.writeCall(call)) : null;
  if (layer.layers === null) {
    writing.lacks.push(
      ...findLacks(layer, written ?? [], writing.isKeras3, writing.vectorReaders.has(layer)),
    );
  }
  return {
    // By the module, readers tell the operator `Add` of Keras 3 from the layer.
    ...(typeof record['module'] === 'string' ? { module: record['module'] } : {}),
    class_name: classOf(layer),
    name,
    config:
      layer.layers === null
        ? writeConfig(layer.className, layer.config)
        : writeModel(layer, writing),
    ...(written === null ? {} : { inbound_nodes: written }),
  };
}

/** Writes the configuration of a layer that is no model. */
function writeConfig(className: string, config: Json): Json {
  const written: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(config)) {
    if (NOT_NEEDED.test(key)) continue;
    if (key === 'dtype') written[key] = nameOfType(value);
    else if (key === 'batch_shape') written['batch_input_shape'] = value;
    else if (isActivation(key)) written[key] = nameOfFunction(value);
    else if (isLayer(value))
      written[key] = { ...value, config: writeConfig(value.class_name, value.config) };
    else written[key] = value;
  }
  const axis = written['axis'];
  // Keras 2 and 3 write the axis of a batch normalisation as a list of one.
  if (className.includes('BatchNormalization') && Array.isArray(axis) && axis.length === 1) {
    written['axis'] = axis[0];
  }
  if (className === 'LeakyReLU' && typeof written['negative_slope'] === 'number') {
    written['alpha'] = written['negative_slope'];
    delete written['negative_slope'];
  }
  return written;
}

function isActivation(key: string): boolean {
  return key === 'activation' || key === 'recurrent_activation';
}

/** The name of a type in Keras 3's object for it; quantised types stay as they are, to be refused. */
function nameOfType(dtype: unknown): unknown {
  if (!isObject(dtype) || !isObject(dtype['config'])) return dtype;
  const isPlain = /^(Float)?(DType)?Policy(V1)?$/.test(String(dtype['class_name']));
  return isPlain ? dtype['config']['name'] : dtype;
}

/** The name of a function that Keras 3 writes as an object; tfjs calls SiLU by its other name. */
function nameOfFunction(value: unknown): unknown {
  const isFunction = isObject(value) && value['class_name'] === 'function';
  const name = isFunction ? value['config'] : value;
  return name === 'silu' ? 'swish' : name;
}

/** A layer inside of another one, such as the one that `TimeDistributed` repeats. */
function isLayer(value: unknown): value is { class_name: string; config: Json } {
  return (
    isObject(value) &&
    typeof value['class_name'] === 'string' &&
    isObject(value['config']) &&
    'name' in value['config']
  );
}
