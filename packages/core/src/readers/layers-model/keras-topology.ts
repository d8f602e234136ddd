import { GradcamError } from '../../base/errors.ts';
import { readLayerCall, readSource, type CallArguments, type TensorSource } from './layer-calls.ts';
import type { ModelWriter } from './model-writer.ts';
import { asList, asObject, type Json } from './topology-json.ts';
import type { WeightOwner } from './weight-owners.ts';

/** The most lists inside each other in which a model returns its values, against endless recursion. */
const MAX_STRUCTURE_DEPTH = 8;

/** One layer as the JSON describes it. */
export interface LayerRecord {
  readonly name: string;
  readonly className: string;
  /** The module in which Keras 3 found the class, such as `keras.layers`. */
  readonly module?: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** One list of sources for each call of the layer. */
  readonly calls: readonly (readonly TensorSource[])[];
  /** For each call, all its arguments, constants included. */
  readonly callArguments: readonly CallArguments[];
}

/** A model as the JSON describes it. A Sequential is written out as a chain of calls. */
export interface ModelRecord {
  readonly name: string;
  readonly layers: readonly LayerRecord[];
  readonly inputs: readonly TensorSource[];
  readonly outputs: readonly TensorSource[];
}

/** Class names under which Keras and tfjs store a model. */
export function isModelClass(className: string): boolean {
  return className === 'Model' || className === 'Functional' || className === 'Sequential';
}

/**
 * Reads `modelTopology` of a tfjs `model.json`, as Keras 2, Keras 3 and tfjs itself write it.
 *
 * @throws GradcamError `model` where the JSON is not a LayersModel.
 */
export function readModelRecord(topology: unknown): ModelRecord {
  const outer = asObject(topology, 'modelTopology');
  const model = asObject(outer['model_config'] ?? outer, 'modelTopology.model_config');
  return readModelConfig(String(model['class_name']), model['config']);
}

/** The program that wrote the model. Some names mean different things in each. */
export function findWriter(topology: unknown): ModelWriter {
  const version = (topology as { keras_version?: unknown } | null)?.keras_version;
  if (typeof version !== 'string') return 'keras2';
  if (version.startsWith('tfjs')) return 'tfjs';
  return version.startsWith('3.') ? 'keras3' : 'keras2';
}

/** All layers that may have weights, those of nested models included. */
export function listWeightOwners(model: ModelRecord, prefix = ''): WeightOwner[] {
  return model.layers.flatMap(({ name, className, config }) =>
    isModelClass(className)
      ? listWeightOwners(readModelConfig(className, config), `${prefix}${name}/`)
      : [{ path: prefix + name, name }],
  );
}

/** Reads the `config` of a model, which may be a layer of another model. */
export function readModelConfig(className: string, config: unknown): ModelRecord {
  if (!isModelClass(className)) {
    throw new GradcamError(
      'model',
      `modelTopology: expected a Functional or Sequential model, found '${className}'`,
    );
  }
  const body: Json = Array.isArray(config) ? { layers: config } : asObject(config, className);
  const name = typeof body['name'] === 'string' ? body['name'] : 'model';
  const layers = asList(body['layers'], `layers of ${name}`).map((layer) => readLayer(layer));
  if (className === 'Sequential') return chainLayers(name, layers, body['build_input_shape']);
  const outputs = readSources(body['output_layers'], `output_layers of ${name}`);
  const inputs = readSources(body['input_layers'], `input_layers of ${name}`);
  return countCallsFromZero({ name, layers, inputs, outputs });
}

/**
 * Makes calls count from 0. Keras 2 and tfjs count the creation of a nested model as its first call but
 * do not list it, so they refer to the calls of such a layer from 1 on.
 */
function countCallsFromZero(model: ModelRecord): ModelRecord {
  const used = new Map<string, Set<number>>();
  const note = ({ layer, call }: TensorSource): void => {
    used.set(layer, (used.get(layer) ?? new Set()).add(call));
  };
  for (const { calls } of model.layers) calls.flat().forEach(note);
  model.outputs.forEach(note);
  const shifted = new Set<string>();
  for (const { name, className, calls } of model.layers) {
    if (!isModelClass(className)) continue;
    const numbers = used.get(name);
    if (numbers?.has(0) === false && numbers.has(calls.length)) shifted.add(name);
  }
  if (shifted.size === 0) return model;
  const shift = (source: TensorSource): TensorSource =>
    shifted.has(source.layer) ? { ...source, call: source.call - 1 } : source;
  return {
    ...model,
    layers: model.layers.map((layer) => ({
      ...layer,
      calls: layer.calls.map((call) => call.map(shift)),
    })),
    outputs: model.outputs.map(shift),
  };
}

function readLayer(value: unknown): LayerRecord {
  const record = asObject(value, 'layer');
  const className = String(record['class_name']);
  const config = Array.isArray(record['config'])
    ? { layers: record['config'] }
    : asObject(record['config'], `config of a ${className} layer`);
  const name = String(record['name'] ?? config['name'] ?? className);
  const layer = `layer ${name} (${className})`;
  const inbound = asList(record['inbound_nodes'] ?? [], `${layer}: inbound_nodes`);
  const calls = inbound.map((call) => readLayerCall(call, layer));
  const { module } = record;
  return {
    name,
    className,
    module: typeof module === 'string' ? module : undefined,
    config,
    calls: calls.map(({ sources }) => sources),
    callArguments: calls.map((call) => call.given),
  };
}

/**
 * Reads `[[name, 0, 0], ..]`, or `[name, 0, 0]` where Keras 3 has a single source. A model that takes or
 * returns a structure has objects by names and lists inside lists.
 */
function readSources(value: unknown, where: string, depth = 0): TensorSource[] {
  const isNamed = typeof value === 'object' && value !== null && !Array.isArray(value);
  const list = isNamed ? Object.values(value) : asList(value, where);
  if (typeof list[0] === 'string' || depth > MAX_STRUCTURE_DEPTH) return [readSource(list, where)];
  return list.flatMap((source) => readSources(source, where, depth + 1));
}

/**
 * Writes out a Sequential as a chain of calls. If its first layer is not an InputLayer, one is put
 * before it. Its shape comes from the configuration of the first layer, or from the input of the first
 * layer if that is a model. A Sequential that Keras built on its first data states the shape itself.
 */
function chainLayers(
  name: string,
  layers: readonly LayerRecord[],
  builtWith: unknown,
): ModelRecord {
  const chain: LayerRecord[] = [];
  const first = layers[0];
  if (first === undefined) throw new GradcamError('model', `model ${name} has no layers`);
  if (first.className !== 'InputLayer') {
    const shape = findInputShape(first) ?? builtWith;
    const config = { name: `${first.name}_input`, batch_input_shape: shape };
    const input = { name: config.name, className: 'InputLayer', config };
    chain.push({ ...input, calls: [], callArguments: [] });
  }
  for (const layer of layers) {
    const before = chain.at(-1);
    const calls = before === undefined ? [] : [[{ layer: before.name, call: 0, output: 0 }]];
    chain.push({ ...layer, calls, callArguments: [] });
  }
  const source = (layer: LayerRecord): TensorSource => ({ layer: layer.name, call: 0, output: 0 });
  return { name, layers: chain, inputs: [source(chain[0]!)], outputs: [source(chain.at(-1)!)] };
}

/**
 * The shape that a layer states for its input, with the batch axis first. Keras 2 and tfjs write
 * `batch_input_shape` and Keras 3 writes `batch_shape`; `batchInputShape` is what people rename it to,
 * and tfjs reads it too. A model has the shape in its first InputLayer, which may lie in a nested
 * model.
 */
function findInputShape({ className, config }: LayerRecord): unknown {
  const own = declaredShape(config);
  if (own !== undefined || !isModelClass(className)) return own;
  const inner = readModelConfig(className, config);
  const input = inner.layers.find(({ name }) => name === inner.inputs[0]?.layer);
  return input === undefined ? undefined : declaredShape(input.config);
}

/**
 * The shape, batch axis included, in the configuration of an InputLayer or of the first layer of a
 * Sequential.
 */
export function declaredShape(config: Json): unknown {
  const whole =
    config['batch_input_shape'] ?? config['batch_shape'] ?? config['batchInputShape'] ?? undefined;
  const own = config['input_shape'] ?? config['inputShape'];
  return whole ?? (Array.isArray(own) ? [null, ...(own as unknown[])] : undefined);
}
