import { GradcamError } from '../errors.ts';

/** Where an input of a layer comes from: which output of which call of which layer. */
export interface TensorSource {
  readonly layer: string;
  readonly call: number;
  readonly output: number;
  /** Keras 3 writes the masks that it passes along with the inputs. */
  readonly isMask?: true;
}

/** One layer as it stands in the JSON. */
export interface LayerRecord {
  readonly name: string;
  readonly className: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** One list of sources for each time that the layer is called. */
  readonly calls: readonly (readonly TensorSource[])[];
  /** For each call the number that an operator takes beside a value; null for all other layers. */
  readonly scalars: readonly (ScalarOperand | null)[];
}

/** A number on one side of an operator. */
export interface ScalarOperand {
  readonly value: number;
  /** Whether it stands before the value, as in `1 - x`. */
  readonly isFirst: boolean;
}

/** A model as it stands in the JSON; a Sequential is written as the chain it means. */
export interface ModelRecord {
  readonly name: string;
  readonly layers: readonly LayerRecord[];
  readonly inputs: readonly TensorSource[];
  readonly outputs: readonly TensorSource[];
}

type Json = Readonly<Record<string, unknown>>;

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

/** Whether Keras 3 wrote the model, which gives some names another meaning. */
export function isKeras3(topology: unknown): boolean {
  const version = (topology as { keras_version?: unknown } | null)?.keras_version;
  return typeof version === 'string' && version.startsWith('3.');
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
  if (className === 'Sequential') return chainLayers(name, layers);
  const outputs = readSources(body['output_layers'], `output_layers of ${name}`);
  const inputs = readSources(body['input_layers'], `input_layers of ${name}`);
  return countCallsFromZero({ name, layers, inputs, outputs });
}

/**
 * Keras 2 and tfjs count a nested model's own making as its first call, which they do not list: the
 * calls of such a layer are then referred to from 1 on.
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
  const calls = asList(record['inbound_nodes'] ?? [], `inbound_nodes of ${name}`);
  return {
    name,
    className,
    config,
    calls: calls.map((call) => readCall(call, name)),
    scalars: calls.map(readScalar),
  };
}

/** Keras 3 has the number among the arguments, Keras 2 as `y` beside the value. */
function readScalar(call: unknown): ScalarOperand | null {
  if (Array.isArray(call)) {
    const [source] = call as unknown[];
    const options: unknown = Array.isArray(source) ? source[3] : undefined;
    const value = (options as Json | null | undefined)?.['y'];
    return typeof value === 'number' ? { value, isFirst: false } : null;
  }
  const { args } = (call ?? {}) as Json;
  if (!Array.isArray(args) || args.length !== 2) return null;
  const place = args.findIndex((one) => typeof one === 'number');
  return place < 0 ? null : { value: args[place] as number, isFirst: place === 0 };
}

/** Keras 2 writes `[[layer, call, output, kwargs], ..]`, Keras 3 `{args, kwargs}` with tensors in them. */
function readCall(call: unknown, layer: string): TensorSource[] {
  if (Array.isArray(call)) return call.map((source) => readSource(source, layer));
  const { args, kwargs } = asObject(call, `inbound_nodes of ${layer}`);
  const found: TensorSource[] = [];
  const { mask, ...others } = (kwargs ?? {}) as Json;
  collectTensors(args, found);
  collectTensors(others, found);
  const masks: TensorSource[] = [];
  collectTensors(mask, masks);
  return [...found, ...masks.map((source) => ({ ...source, isMask: true as const }))];
}

function collectTensors(value: unknown, found: TensorSource[]): void {
  if (Array.isArray(value)) {
    for (const item of value) collectTensors(item, found);
  } else if (typeof value === 'object' && value !== null) {
    const record = value as Json;
    if (record['class_name'] === '__keras_tensor__') {
      const history = asObject(record['config'], '__keras_tensor__')['keras_history'];
      found.push(readSource(history, 'keras_history'));
    } else {
      for (const item of Object.values(record)) collectTensors(item, found);
    }
  }
}

/** `[[name, 0, 0], ..]`, or `[name, 0, 0]` where Keras 3 has a single one. */
function readSources(value: unknown, where: string): TensorSource[] {
  const list = asList(value, where);
  if (typeof list[0] === 'string') return [readSource(list, where)];
  return list.map((source) => readSource(source, where));
}

function readSource(value: unknown, where: string): TensorSource {
  const [layer, call = 0, output = 0] = asList(value, where);
  if (typeof layer !== 'string' || typeof call !== 'number' || typeof output !== 'number') {
    throw new GradcamError(
      'model',
      `${where}: expected [layer, call, output], found ${JSON.stringify(value)}`,
    );
  }
  return { layer, call, output };
}

function chainLayers(name: string, layers: readonly LayerRecord[]): ModelRecord {
  const chain: LayerRecord[] = [];
  const first = layers[0];
  if (first === undefined) throw new GradcamError('model', `model ${name} has no layers`);
  if (first.className !== 'InputLayer') {
    const shape = first.config['batch_input_shape'] ?? first.config['batch_shape'];
    const config = { name: `${first.name}_input`, batch_input_shape: shape };
    chain.push({ name: config.name, className: 'InputLayer', config, calls: [], scalars: [] });
  }
  for (const layer of layers) {
    const before = chain.at(-1);
    const calls = before === undefined ? [] : [[{ layer: before.name, call: 0, output: 0 }]];
    chain.push({ ...layer, calls, scalars: [] });
  }
  const source = (layer: LayerRecord): TensorSource => ({ layer: layer.name, call: 0, output: 0 });
  return { name, layers: chain, inputs: [source(chain[0]!)], outputs: [source(chain.at(-1)!)] };
}

function asObject(value: unknown, where: string): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  throw new GradcamError('model', `${where}: expected an object, found ${describe(value)}`);
}

function asList(value: unknown, where: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new GradcamError('model', `${where}: expected a list, found ${describe(value)}`);
}

function describe(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}
