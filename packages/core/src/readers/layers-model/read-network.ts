import { GradcamError } from '../../base/errors.ts';
import { nearestNames } from '../../base/nearest-names.ts';
import {
  closeShape,
  findInputLayouts,
  imageShapeOf,
  type InputLayout,
  type OpenShape,
  type StatedSizes,
} from '../../network/input-layout.ts';
import {
  declaredShape,
  findWriter,
  isModelClass,
  listWeightOwners,
  readModelConfig,
  readModelRecord,
  type LayerRecord,
  type ModelRecord,
} from './keras-topology.ts';
import { readCallArguments } from './call-arguments.ts';
import { checkDtype } from './check-dtype.ts';
import type { Argument, TensorSource } from './layer-calls.ts';
import { readLayerAttributes } from './layer-attributes.ts';
import type { LayerLibrary } from './layer-library.ts';
import type { EmitOptions, LayerCall, Value } from './layers/layer-reader.ts';
import type { ModelWriter } from './model-writer.ts';
import { layerReaders } from './layers/layer-readers.ts';
import { readOperatorCall } from './layers/operands.ts';
import { nameOperator, type OperatorName } from './layers/operator-names.ts';
import { operators } from './layers/operators.ts';
import { createTerms } from './layers/terms.ts';
import { explainUnknownLayer, refuseVolume } from './unknown-layer.ts';
import type { GraphNode, Network } from '../../network/network.ts';
import { joinsMasks, listMaskLayers, maskOfKnownLayer, readOpaqueLayer } from './opaque-layer.ts';
import type { Op } from '../../network/op.ts';
import { readHead } from './read-head.ts';
import { refuseSignal } from './refuse-signals.ts';
import { checkShape, createSizeCounter, type SizeCounter } from '../../network/network-limits.ts';
import { createWeightClaims, type WeightClaims, type WeightSpec } from './weight-claims.ts';

/** What {@link readNetwork} needs in addition to the topology. */
export interface ReadNetworkOptions extends StatedSizes {
  /** The library that computes layers outside the op set; without it such layers are refused. */
  readonly library?: LayerLibrary;
}

/** The state while one network is read. */
interface Reading {
  readonly nodes: Map<string, GraphNode>;
  readonly layers: Map<string, string>;
  /** Names of the inputs with a size that the model leaves open. */
  readonly openInputs: string[];
  readonly notes: string[];
  readonly weights: WeightClaims;
  readonly inputs: string[];
  readonly count: SizeCounter;
  /** Nested models by their layer, so that each is read only once, however often it is called. */
  readonly nested: Map<LayerRecord, ModelRecord>;
  readonly layouts: ReadonlyMap<string, InputLayout | null>;
  readonly writer: ModelWriter;
  readonly options: ReadNetworkOptions;
}

/**
 * Translates the topology of a tfjs LayersModel into a {@link Network}.
 *
 * Nested models are flattened (with names such as `outer/inner`), fused activations become nodes of
 * their own, dropout is removed, and a final softmax or sigmoid is separated from the logits before it.
 *
 * @param topology `modelTopology` of a `model.json`, written by Keras 2, Keras 3 or tfjs.
 * @param weights names and shapes of the weights in all groups of the manifest.
 * @throws GradcamError `unsupported` for an unknown layer or attribute; `model` where the JSON and the
 *   weights contradict each other.
 */
export function readNetwork(
  topology: unknown,
  weights: readonly WeightSpec[],
  options: ReadNetworkOptions = {},
): Network {
  const model = readModelRecord(topology);
  const reading: Reading = {
    nodes: new Map(),
    layers: new Map(),
    notes: [],
    weights: createWeightClaims(weights, listWeightOwners(model), model.name),
    inputs: [],
    openInputs: [],
    count: createSizeCounter(model.name),
    nested: new Map(),
    layouts: readLayouts(model),
    writer: findWriter(topology),
    options,
  };
  const outputs = readLayers(model, '', null, reading);
  reading.notes.push(...reading.weights.notes, ...noteUnclaimed(reading.weights.listUnclaimed()));
  const nodes = [...reading.nodes.values()];
  for (const [input, layout] of reading.layouts) {
    if (layout === 'hw' && options.inputSize === undefined) refuseSignal(input, nodes);
  }
  return {
    name: model.name,
    nodes,
    inputs: inModelOrder(reading.inputs, model),
    ...(reading.openInputs.length === 0 ? {} : { openInputs: reading.openInputs }),
    heads: outputs.map((output) => readHead(output, reading.nodes)),
    layers: reading.layers,
    notes: reading.notes,
  };
}

/** Sorts inputs as the model lists them. Its layers may stand in another order, by their depth. */
function inModelOrder(found: readonly string[], model: ModelRecord): string[] {
  const order = new Map(model.inputs.map(({ layer }, place) => [layer, place]));
  const placeOf = (name: string): number => order.get(name) ?? order.size;
  return [...found].sort((a, b) => placeOf(a) - placeOf(b));
}

/** A call of a layer that is not read yet. */
interface PendingCall {
  readonly layer: LayerRecord;
  readonly call: number;
}

/**
 * Reads the layers of one model.
 *
 * @param bound the values that a nested model gets as its inputs; null for the outermost model.
 */
function readLayers(
  model: ModelRecord,
  prefix: string,
  bound: readonly Value[] | null,
  reading: Reading,
): Value[] {
  const produced = new Map<string, Value[]>();
  const key = (source: TensorSource): string => `${source.layer}\n${source.call}`;
  const valueOf = (source: TensorSource): Value | undefined =>
    produced.get(key(source))?.[source.output];

  const inMasksOnly = listMaskLayers(model);
  const inputLayers = new Map(model.inputs.map((source, i) => [source.layer, i]));
  const pending: PendingCall[] = [];
  for (const layer of model.layers) {
    const position = inputLayers.get(layer.name);
    reading.count(Math.max(1, layer.calls.length), layer.calls);
    if (layer.className === 'InputLayer') {
      const given = bound?.[position ?? -1];
      produced.set(key({ layer: layer.name, call: 0, output: 0 }), [
        given ?? emitInput(layer, prefix, reading),
      ]);
      reading.layers.set(prefix + layer.name, produced.get(`${layer.name}\n0`)![0]!.node);
    } else if (!inMasksOnly.has(layer.name)) {
      layer.calls.forEach((_, call) => pending.push({ layer, call }));
    }
  }

  // Layers usually stand in order, but the format does not promise it: a call waits for its first
  // missing source.
  const waiting = new Map<string, PendingCall[]>();
  const ready = pending.reverse();
  for (let next = ready.pop(); next !== undefined; next = ready.pop()) {
    const { layer, call } = next;
    const lacking = layer.calls[call]!.find(
      (source) => !source.isMask && valueOf(source) === undefined,
    );
    if (lacking !== undefined) {
      const others = waiting.get(key(lacking));
      if (others === undefined) waiting.set(key(lacking), [next]);
      else others.push(next);
      continue;
    }
    const sources = layer.calls[call]!.filter((source) => !source.isMask);
    const values = sources.map((source) => valueOf(source)!);
    // When a layer takes several values, Keras 3 passes on only the masks that the model states.
    const isStated = sources.length < layer.calls[call]!.length;
    const inputs =
      reading.writer === 'keras3' && values.length > 1 && !isStated && !joinsMasks(layer)
        ? values.map(({ node, shape }) => ({ node, shape }))
        : values;
    const name = prefix + layer.name + (call > 0 ? `:${call}` : '');
    const outputs = readLayer(layer, call, name, inputs, reading);
    produced.set(key({ layer: layer.name, call, output: 0 }), outputs);
    reading.layers.set(name, outputs[0]!.node);
    const made = key({ layer: layer.name, call, output: 0 });
    ready.push(...(waiting.get(made) ?? []).reverse());
    waiting.delete(made);
  }
  const [stuck] = waiting.values();
  if (stuck !== undefined) {
    throw new GradcamError(
      'model',
      `model ${model.name}: layer ${stuck[0]!.layer.name} takes inputs that no layer produces`,
    );
  }
  return model.outputs.map((source) => {
    const value = valueOf(source);
    if (value === undefined) {
      throw new GradcamError('model', `model ${model.name}: output ${source.layer} is not a layer`);
    }
    return value;
  });
}

function readLayer(
  layer: LayerRecord,
  callIndex: number,
  name: string,
  inputs: readonly Value[],
  reading: Reading,
): Value[] {
  const given = layer.callArguments[callIndex] ?? { args: [], kwargs: {} };
  const callArguments = readCallArguments(`${name} (${layer.className})`, given, reading.writer);
  if (isModelClass(layer.className)) {
    callArguments.finish();
    const inner = reading.nested.get(layer) ?? readModelConfig(layer.className, layer.config);
    reading.nested.set(layer, inner);
    return readLayers(inner, `${name}/`, inputs, reading);
  }
  const operator = nameOperator(layer, given);
  // An operator such as a cast may have a dtype among its arguments.
  if (operator === null) checkDtype(`${name} (${layer.className})`, layer.config['dtype']);
  const reader = findReader(layer, reading.writer);
  if (operator === null && reader === undefined) {
    return readForeignLayer(layer, name, inputs, reading);
  }
  const attributes = readLayerAttributes(`${name} (${layer.className})`, layer.config);
  const owner = { path: withoutCalls(name), name: layer.name };
  const call: LayerCall = {
    ...callArguments,
    name,
    attributes,
    inputs,
    writer: reading.writer,
    config: layer.config,
    emit: (op, sources, shape, options) =>
      emitNode(nodeName(name, options?.part), op, sources, shape, options, reading),
    weight: (suffix, shape) => reading.weights.claim(owner, suffix, shape),
    weightSuffixes: () => reading.weights.suffixes(owner),
    hasWeight: (suffix) => reading.weights.has(owner, suffix),
    note: (text) => reading.notes.push(`${name}: ${text}`),
  };
  const output = operator === null ? reader!(call) : readOperator(layer, callIndex, operator, call);
  attributes.finish();
  if (operator === null) callArguments.finish();
  const join = (masks: readonly string[]): string => {
    const { shape } = reading.nodes.get(masks[0]!)!;
    const values = masks.map((node) => ({ node, shape }));
    return emitNode(`${name}/mask`, { kind: 'multiply' }, values, shape, undefined, reading).node;
  };
  const mask = maskOfKnownLayer(layer, inputs, join);
  return [mask === undefined ? output : { ...output, mask }];
}

/**
 * The reader for a class. CenterCrop of tfjs samples between cells, unlike that of Keras, so
 * tfjs-layers computes it.
 */
function findReader({ className }: LayerRecord, writer: ModelWriter) {
  return writer === 'tfjs' && className === 'CenterCrop' ? undefined : layerReaders.get(className);
}

function readOperator(
  layer: LayerRecord,
  callIndex: number,
  { name, title }: OperatorName,
  call: LayerCall,
): Value {
  const operator = operators.get(name);
  if (operator === undefined) {
    const known = nearestNames(name, [...operators.keys()], 1)[0];
    throw new GradcamError(
      'unsupported',
      `layer ${call.name} is the operator ${title}, which is not known here${known === undefined ? '' : ` (nearest known: ${known})`}; without it the layers behind cannot be computed`,
    );
  }
  // The function was read from the call, and the constants of TF 2.0 to 2.3 are added to the arguments.
  for (const read of ['function', 'node_def', 'constants']) call.attributes.raw(read);
  const operatorCall = readOperatorCall(
    call,
    withConstants(layer, layer.callArguments[callIndex]!),
    createTerms(call),
    title,
  );
  const output = operator(operatorCall).write('output');
  operatorCall.finish();
  return output;
}

/**
 * Adds the constants of a `TensorFlowOpLayer`, which stand in its configuration by their index among
 * the inputs.
 */
function withConstants(
  { className, config }: LayerRecord,
  given: LayerRecord['callArguments'][number],
): LayerRecord['callArguments'][number] {
  if (className !== 'TensorFlowOpLayer') return given;
  const args: Argument[] = given.args.flatMap((one) => (one.kind === 'list' ? one.items : [one]));
  for (const [place, value] of Object.entries(config['constants'] ?? {})) {
    args.splice(Number(place), 0, { kind: 'constant', value });
  }
  return { ...given, args };
}

/** Weights that only training uses, such as the state of a random generator or a counter. */
const ofTraining = /(^|\/)(count|iteration|iterations|seed_generator_state|learning_rate)$/;

function noteUnclaimed(names: readonly string[]): string[] {
  const left = names.filter((name) => !ofTraining.test(name));
  if (left.length === 0) return [];
  const some = left.slice(0, 3).join(', ') + (left.length > 3 ? `, .. (${left.length})` : '');
  return [`weights that no layer of the model takes are left out: ${some}`];
}

function readForeignLayer(
  layer: LayerRecord,
  name: string,
  inputs: readonly Value[],
  reading: Reading,
): Value[] {
  const { library } = reading.options;
  const path = withoutCalls(name);
  refuseVolume(layer, name);
  const outputs =
    library === undefined
      ? null
      : readOpaqueLayer(layer, inputs, {
          library,
          path,
          keras3: reading.writer === 'keras3',
          weights: reading.weights.claimAll({ path, name: layer.name }),
          emit: (op, sources, shape, options) =>
            emitNode(nodeName(name, options.part), op, sources, shape, options, reading),
        });
  if (outputs !== null) return outputs;
  throw explainUnknownLayer(layer, name, [...layerReaders.keys()], library !== undefined);
}

function nodeName(layer: string, part: string | undefined): string {
  return part === undefined ? layer : `${layer}/${part}`;
}

function emitNode(
  name: string,
  op: Op,
  inputs: readonly Value[],
  shape: readonly number[],
  options: EmitOptions | undefined,
  reading: Reading,
): Value {
  if (reading.nodes.has(name)) {
    throw new GradcamError('model', `two layers of the model are called '${name}'`);
  }
  checkShape(name, shape);
  const weights = options?.weights ?? {};
  const isActivation = options?.isActivation === true ? { isActivation: true as const } : {};
  const sources = inputs.map(({ node }) => node);
  reading.nodes.set(name, { name, op, inputs: sources, shape, weights, ...isActivation });
  return { node: name, shape };
}

/**
 * Emits an input. A picture enters as [height, width, channels]; a node after it makes the order of the
 * model.
 */
function emitInput(layer: LayerRecord, prefix: string, reading: Reading): Value {
  const name = prefix + layer.name;
  const layout = reading.layouts.get(layer.name) ?? null;
  const open = openShape(layer);
  const { shape, note } = closeShape(name, open, layout, reading.options);
  if (open.includes(null)) reading.openInputs.push(name);
  if (note !== null) reading.notes.push(note);
  reading.inputs.push(name);
  if (layout === null || layout === 'hwc') {
    return emitNode(name, { kind: 'input' }, [], shape, undefined, reading);
  }
  const image = emitNode(
    name,
    { kind: 'input' },
    [],
    imageShapeOf(shape, layout),
    undefined,
    reading,
  );
  const op =
    layout === 'chw' ? { kind: 'permute' as const, dims: [2, 0, 1] } : { kind: 'reshape' as const };
  return emitNode(`${name}/as the model takes it`, op, [image], shape, undefined, reading);
}

/** Layouts of the inputs of the outermost model, by their names. */
function readLayouts(model: ModelRecord): ReadonlyMap<string, InputLayout | null> {
  const inputs = model.layers.filter(({ className }) => className === 'InputLayer');
  const layouts = findInputLayouts(inputs.map(openShape));
  return new Map(inputs.map(({ name }, i) => [name, layouts[i]!]));
}

/** The sizes that an input states. An input without sizes takes a colour picture of any size. */
function openShape({ config }: LayerRecord): OpenShape {
  const declared = declaredShape(config);
  if (!Array.isArray(declared)) return [null, null, 3];
  return (declared as unknown[]).slice(1).map((size) => (typeof size === 'number' ? size : null));
}

/** The path of a layer without the numbers of its calls. */
function withoutCalls(path: string): string {
  return path.replace(/:\d+(?=\/|$)/g, '');
}
