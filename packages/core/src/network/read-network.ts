import { GradcamError } from '../errors.ts';
import { nearestNames } from '../targets/nearest-names.ts';
import {
  isKeras3,
  isModelClass,
  readModelConfig,
  readModelRecord,
  type LayerRecord,
  type ModelRecord,
  type TensorSource,
} from './keras-topology.ts';
import { readLayerAttributes } from './layer-attributes.ts';
import type { LayerLibrary } from './layer-library.ts';
import type { EmitOptions, LayerCall, Value } from './layers/layer-reader.ts';
import { layerReaders } from './layers/layer-readers.ts';
import { readScalarOp } from './layers/scalar-op.ts';
import type { GraphNode, Network } from './network.ts';
import { joinsMasks, listMaskLayers, maskOfKnownLayer, readOpaqueLayer } from './opaque-layer.ts';
import type { Op } from './op.ts';
import { readHead } from './read-head.ts';
import { checkShape, createSizeCounter, type SizeCounter } from './network-limits.ts';
import { createWeightClaims, type WeightClaims, type WeightSpec } from './weight-claims.ts';

/** What {@link readNetwork} needs beside the topology. */
export interface ReadNetworkOptions {
  /** [height, width, channels] for a model that leaves its input size open. */
  readonly inputShape?: readonly number[];
  /** Computes layers that the op set does not have; without it they are refused. */
  readonly library?: LayerLibrary;
}

/** All that is collected while one network is read. */
interface Reading {
  readonly nodes: Map<string, GraphNode>;
  readonly layers: Map<string, string>;
  readonly notes: string[];
  readonly weights: WeightClaims;
  readonly inputs: string[];
  readonly count: SizeCounter;
  /** Nested models by their layer, so that each is read once, however often it is called. */
  readonly nested: Map<LayerRecord, ModelRecord>;
  readonly keras3: boolean;
  readonly options: ReadNetworkOptions;
}

/**
 * Translates the topology of a tfjs LayersModel into a {@link Network}.
 *
 * Nested models are flattened (`outer/inner` names), fused activations become nodes of their own,
 * dropout disappears, a final softmax or sigmoid is told apart from the logits before it.
 *
 * @param topology `modelTopology` of a `model.json`, by Keras 2, Keras 3 or tfjs.
 * @param weights names and shapes of the weights manifest, all groups.
 * @throws GradcamError `unsupported` for a layer or attribute that is not known here; `model` where
 *   JSON and weights contradict each other.
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
    weights: createWeightClaims(weights),
    inputs: [],
    count: createSizeCounter(model.name),
    nested: new Map(),
    keras3: isKeras3(topology),
    options,
  };
  const outputs = readLayers(model, '', null, reading);
  const nodes = [...reading.nodes.values()];
  return {
    name: model.name,
    nodes,
    inputs: reading.inputs,
    heads: outputs.map((output) => readHead(output, reading.nodes)),
    layers: reading.layers,
    notes: reading.notes,
  };
}

/** A call of a layer that is still to be read. */
interface PendingCall {
  readonly layer: LayerRecord;
  readonly call: number;
}

/** Reads the layers of one model; `bound` are the values given to a nested model's inputs. */
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

  // Layers usually stand in order, but nothing promises it: a call waits for the first source it lacks.
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
    // Where several values go in, Keras 3 hands on only the masks that the model states.
    const isStated = sources.length < layer.calls[call]!.length;
    const inputs =
      reading.keras3 && values.length > 1 && !isStated && !joinsMasks(layer)
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
  if (isModelClass(layer.className)) {
    const inner = reading.nested.get(layer) ?? readModelConfig(layer.className, layer.config);
    reading.nested.set(layer, inner);
    return readLayers(inner, `${name}/`, inputs, reading);
  }
  const scalar = layer.scalars[callIndex] ?? null;
  const affine = scalar === null ? null : readScalarOp(layer, scalar);
  if (affine !== null && inputs.length === 1) {
    return [emitNode(name, affine, inputs, inputs[0]!.shape, undefined, reading)];
  }
  const reader = layerReaders.get(layer.className);
  if (reader === undefined) return readForeignLayer(layer, name, inputs, reading);
  const attributes = readLayerAttributes(`${name} (${layer.className})`, layer.config);
  const owner = { path: withoutCalls(name), name: layer.name };
  const call: LayerCall = {
    name,
    attributes,
    inputs,
    keras3: reading.keras3,
    emit: (op, sources, shape, options) =>
      emitNode(nodeName(name, options?.part), op, sources, shape, options, reading),
    weight: (suffix, shape) => reading.weights.claim(owner, suffix, shape),
    weightSuffixes: () => reading.weights.suffixes(owner),
    hasWeight: (suffix) => reading.weights.has(owner, suffix),
    note: (text) => reading.notes.push(`${name}: ${text}`),
  };
  const output = reader(call);
  attributes.finish();
  const join = (masks: readonly string[]): string => {
    const { shape } = reading.nodes.get(masks[0]!)!;
    const values = masks.map((node) => ({ node, shape }));
    return emitNode(`${name}/mask`, { kind: 'multiply' }, values, shape, undefined, reading).node;
  };
  const mask = maskOfKnownLayer(layer, inputs, join);
  return [mask === undefined ? output : { ...output, mask }];
}

function readForeignLayer(
  layer: LayerRecord,
  name: string,
  inputs: readonly Value[],
  reading: Reading,
): Value[] {
  const { library } = reading.options;
  const path = withoutCalls(name);
  const outputs =
    library === undefined
      ? null
      : readOpaqueLayer(layer, inputs, {
          library,
          path,
          keras3: reading.keras3,
          weights: reading.weights.claimAll({ path, name: layer.name }),
          emit: (op, sources, shape, options) =>
            emitNode(nodeName(name, options.part), op, sources, shape, options, reading),
        });
  if (outputs !== null) return outputs;
  const known = nearestNames(layer.className, [...layerReaders.keys()], 1)[0];
  const next =
    library === undefined
      ? 'recurrent and registered layers run with the engine of @gradcam/core/layers'
      : 'a layer of your own must be registered with tf.serialization.registerClass';
  throw new GradcamError(
    'unsupported',
    `layer ${name} is of class ${layer.className}, which is not known here (nearest known: ${known}); ${next}`,
  );
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
  reading.nodes.set(name, { name, op, inputs: inputs.map(({ node }) => node), shape, weights });
  return { node: name, shape };
}

function emitInput(layer: LayerRecord, prefix: string, reading: Reading): Value {
  const name = prefix + layer.name;
  const declared = layer.config['batch_input_shape'] ?? layer.config['batch_shape'];
  const sizes = Array.isArray(declared) ? (declared as unknown[]).slice(1) : [];
  const { inputShape } = reading.options;
  const shape = sizes.map((size, axis) => (typeof size === 'number' ? size : inputShape?.[axis]));
  if (shape.length === 0 || !shape.every((size) => Number.isInteger(size) && size! > 0)) {
    throw new GradcamError(
      'model',
      `input ${name} has shape ${JSON.stringify(declared)}: state the input size that the model leaves open (inputSize)`,
    );
  }
  reading.inputs.push(name);
  return emitNode(name, { kind: 'input' }, [], shape as number[], undefined, reading);
}

/** The path of a layer as the model lists it, whichever of its calls is meant. */
function withoutCalls(path: string): string {
  return path.replace(/:\d+(?=\/|$)/g, '');
}
