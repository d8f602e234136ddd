import { GradcamError } from '../../base/errors.ts';
import {
  findWriter,
  isModelClass,
  listWeightOwners,
  readModelConfig,
  readModelRecord,
  type LayerRecord,
  type ModelRecord,
} from './keras-topology.ts';
import { channelsFirst, markTurned, turnChannels } from './channels-first.ts';
import type { TensorSource } from './layer-calls.ts';
import type { Value } from './layers/layer-reader.ts';
import type { Network } from '../../network/network.ts';
import { withStatedMasks } from './masks.ts';
import { readGiven, readCall } from './read-layer.ts';
import { readHead } from './read-head.ts';
import { emitInput, inModelOrder, readLayouts } from './read-inputs.ts';
import type { ReadNetworkOptions, Reading } from './reading.ts';
import { refuseSignal } from './refuse-signals.ts';
import { createSizeCounter } from '../../network/network-limits.ts';
import { createWeightClaims, type WeightSpec } from './weight-claims.ts';

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
  const outputs = readLayers(model, '', null, reading).map((value, i) =>
    channelsFirst(value, `output ${i + 1}`, reading),
  );
  reading.notes.push(...reading.weights.notes, ...noteUnclaimed(reading.weights.listUnclaimed()));
  const nodes = [...reading.nodes.values()];
  for (const [input, layout] of reading.layouts) {
    if (layout === 'hw' && options.inputSize === undefined) refuseSignal(input, nodes);
  }
  return {
    name: model.name,
    nodes,
    inputs: inModelOrder(reading.inputs, model),
    openInputs: reading.openInputs.length > 0 ? reading.openInputs : undefined,
    heads: outputs.map((output) => readHead(output, reading.nodes)),
    layers: reading.layers,
    notes: reading.notes,
  };
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
  const produced = new Map<string, readonly Value[]>();
  const key = (source: TensorSource): string => `${source.layer}\n${source.call}`;
  const valueOf = (source: TensorSource): Value | undefined =>
    produced.get(key(source))?.[source.output];

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
    } else {
      layer.calls.forEach((_, call) => pending.push({ layer, call }));
    }
  }

  // Layers usually stand in order, but the format does not promise it: a call waits for its first
  // missing source.
  const waiting = new Map<string, PendingCall[]>();
  const ready = pending.reverse();
  for (let next = ready.pop(); next !== undefined; next = ready.pop()) {
    const { layer, call } = next;
    const lacking = layer.calls[call]!.find((source) => valueOf(source) === undefined);
    if (lacking !== undefined) {
      const others = waiting.get(key(lacking));
      if (others === undefined) waiting.set(key(lacking), [next]);
      else others.push(next);
      continue;
    }
    const inputs = withStatedMasks(layer, layer.calls[call]!, valueOf, reading.writer);
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
): readonly Value[] {
  if (isModelClass(layer.className)) {
    readGiven(layer, callIndex, name, reading).callArguments.finish();
    const inner = reading.nested.get(layer) ?? readModelConfig(layer.className, layer.config);
    reading.nested.set(layer, inner);
    return readLayers(inner, `${name}/`, inputs, reading);
  }
  const turned = turnChannels(layer, name, inputs, reading);
  const outputs = readCall(turned.layer, callIndex, name, turned.inputs, reading);
  return turned.isTurned ? markTurned(outputs) : outputs;
}

/** Weights that only training uses, such as the state of a random generator or a counter. */
const ofTraining = /(^|\/)(count|iteration|iterations|seed_generator_state|learning_rate)$/;

function noteUnclaimed(names: readonly string[]): string[] {
  const left = names.filter((name) => !ofTraining.test(name));
  if (left.length === 0) return [];
  const some = left.slice(0, 3).join(', ') + (left.length > 3 ? `, .. (${left.length})` : '');
  return [`weights that no layer of the model takes are left out: ${some}`];
}
