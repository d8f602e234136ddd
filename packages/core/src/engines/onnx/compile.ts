import type { Derivative } from '../../network/derive/derivative.ts';
import type { Weights } from '../port/engine.ts';
import { mainHead, type Network } from '../../network/network.ts';
import { indexNodes, selectNodes } from '../../network/walk-graph.ts';
import { compileGradient } from './compile-gradient.ts';
import { seedInputs } from './encode-seeds.ts';
import { createGraphWriter, type ExternalWeight, type GraphWriter } from './graph-writer.ts';
import { flattenScores } from './flatten-scores.ts';
import { BATCH } from './lower/blocks.ts';
import { lowerNode, type GraphForm } from './lower/lower-node.ts';
import type { MappedWeight } from './lower/lowering.ts';
import { asPlain, toOrder, type StoredValue } from './lower/stored-order.ts';
import { encodeModel, type OnnxNode, type OnnxTensor, type OnnxValue } from './proto/onnx-model.ts';

/** The values that a graph must compute, and the form of the graph. */
export interface CompileRequest {
  /** Nodes whose values the caller gives: the network's inputs, or the node at which a pass resumes. */
  readonly given: readonly string[];
  /** Nodes whose values the graph returns in addition to the logits. */
  readonly outputs: readonly string[];
  readonly derivative: Derivative | null;
  /**
   * The number of items in a batch, if it is known and each item has one seed. The runtime then knows that
   * gradients have the shapes of the forward values. Null for a batch of any size, and for several seeds of
   * one item.
   */
  readonly batch: number | null;
  /**
   * Whether each of several items has several seeds. The forward values are then repeated for each seed
   * before the backward part reads them, so that one forward pass serves all seeds.
   */
  readonly repeats?: boolean;
  /** Whether the runtime keeps images in blocks of channels, as ONNX Runtime on a CPU does. */
  readonly blocks: boolean;
  /** Weights that stay in a file, by name. */
  readonly mapped: ReadonlyMap<string, MappedWeight>;
  /** Name of one external file for all other weights; by default each large weight has a file of its own. */
  readonly file?: string;
  /** Whether the runtime maps the weights of `file` instead of copying and packing them. Default: false. */
  readonly maps?: boolean;
}

/** An ONNX model, and the weights that it expects in external files. */
export interface CompiledGraph {
  readonly model: Uint8Array;
  readonly external: readonly ExternalWeight[];
  /**
   * Names of the nodes that the runtime's WebGPU provider accepts but then fails to compute. They must run
   * on the CPU.
   */
  readonly cpuNodes: readonly string[];
}

/** The names of a graph's inputs and outputs. */
export const onnxNames = {
  given: (node: string): string => `in:${node}`,
  output: (node: string): string => `out:${node}`,
  gradient: (node: string): string => `grad:${node}`,
  logits: 'logits',
} as const;

/**
 * Compiles a network, and its derivative if there is one, into one ONNX graph. It takes an image and returns
 * activations, logits and gradients, all in the Network's own layout.
 *
 * Several seeds of one image share its forward values: the seeds are the batch axis of the backward part, and
 * the forward values, which have a batch axis of 1, are broadcast. For several seeds of several images, see
 * `repeats`: the rows of the backward part are all images for the first seed, then all for the second, and so
 * on.
 */
export function compileGraph(
  network: Network,
  weights: Weights,
  request: CompileRequest,
): CompiledGraph {
  const writer = createGraphWriter({ file: request.file, maps: request.maps });
  const nodes = indexNodes(network);
  const head = mainHead(network);
  const values = new Map<string, StoredValue>();
  const inputs: OnnxValue[] = [];
  const { derivative, blocks, mapped } = request;
  const batch = request.batch ?? BATCH;
  const form: GraphForm = { batch: request.batch, blocks, mapped };
  for (const name of request.given) {
    const { shape } = nodes.get(name)!;
    inputs.push({ name: onnxNames.given(name), type: 'float32', shape: [batch, ...shape] });
    values.set(name, asPlain(onnxNames.given(name)));
  }

  const wanted = [head.logits, ...request.outputs, ...(derivative?.uses ?? [])];
  for (const node of selectNodes(network, wanted, new Set(request.given))) {
    const context = { writer, nodes, values, weights, form, uses: derivative?.uses };
    values.set(node.name, lowerNode(node, context));
  }
  const outputs: OnnxValue[] = [];
  const put = (
    value: StoredValue,
    name: string,
    shape: readonly number[],
    rows: number | string,
  ): void => {
    writer.rename(toOrder(writer, value, shape, 'plain'), name);
    outputs.push({ name, type: 'float32', shape: [rows, ...shape] });
  };
  const flatLogits = flattenScores(writer, values.get(head.logits)!, nodes.get(head.logits)!, head);
  writer.rename(flatLogits, onnxNames.logits);
  outputs.push({ name: onnxNames.logits, type: 'float32', shape: [batch, head.classes] });
  for (const name of new Set(request.outputs)) {
    put(values.get(name)!, onnxNames.output(name), nodes.get(name)!.shape, batch);
  }

  if (derivative !== null) {
    const rows = request.batch ?? 'seeds';
    inputs.push(...seedInputs(head, rows));
    const repeat = request.repeats === true ? createRepeat(writer, flatLogits) : keepRows;
    for (const name of request.repeats === true ? derivative.uses : []) {
      const value = values.get(name)!;
      if (value.isShared === true) continue;
      const axes = nodes.get(name)!.shape.length;
      values.set(name, { name: repeat(value.name, axes), order: value.order });
    }
    compileGradient(derivative, {
      ...{ writer, nodes, values, weights, form, head },
      logits: flatLogits,
      rowLogits: () => repeat(flatLogits, 1),
    });
    for (const [name, gradient] of derivative.gradients) {
      put(values.get(gradient)!, onnxNames.gradient(name), nodes.get(name)!.shape, rows);
    }
  }
  const { graph, external } = writer.finish(inputs, outputs);
  return {
    model: encodeModel({ name: network.name, graph }),
    external,
    cpuNodes: graph.nodes
      .filter((node) => isWrongOnWebGpu(node, graph.initializers))
      .map(({ outputs }) => outputs[0]!),
  };
}

const keepRows = (name: string): string => name;

/** Repeats a value [batch, ..] along its batch axis, once for each seed of the items. */
function createRepeat(writer: GraphWriter, logits: string): (name: string, axes: number) => string {
  const countRows = (name: string): string => writer.add('Shape', [name], { start: 0, end: 1 });
  const times = writer.add('Div', [countRows('seed:direction'), countRows(logits)]);
  return (name, axes) => {
    const ones = writer.integers(Array.from({ length: axes }, () => 1));
    return writer.add('Tile', [name, writer.add('Concat', [times, ones], { axis: 0 })]);
  };
}

/**
 * Nodes that WebGPU of ONNX Runtime 1.30 does not compute, or computes wrongly without an error, as seen on a
 * software adapter. It has no second output of a `MaxPool`, and says so only when it runs. Kernels of 1 x 1
 * ignore the padding. Transposed convolutions in groups, convolutions in groups of several channels, and some
 * convolutions with dilations are off by as much as their largest value.
 */
function isWrongOnWebGpu(
  { type, inputs, outputs, attributes }: OnnxNode,
  constants: readonly OnnxTensor[],
): boolean {
  if (type === 'MaxPool') return outputs.length > 1;
  const isGrouped = attributes['group'] !== undefined && attributes['group'] !== 1;
  if (type === 'ConvTranspose') return isGrouped;
  if (type !== 'Conv') return false;
  if (isGrouped) {
    const kernel = constants.find(({ name }) => name === inputs[1]);
    if (kernel === undefined || kernel.shape[1] !== 1) return true;
  }
  if (numbersOf(attributes['dilations']).some((step) => step !== 1)) return true;
  const isSingle = numbersOf(attributes['kernel_shape']).every((size) => size === 1);
  return isSingle && numbersOf(attributes['pads']).some((pad) => pad !== 0);
}

function numbersOf(attribute: OnnxNode['attributes'][string] | undefined): readonly number[] {
  return Array.isArray(attribute) ? attribute : [];
}
