import type { Weights } from '../../port/engine.ts';
import type { GraphNode } from '../../../network/network.ts';
import { batchNormScale, nameScale } from '../fold-scales.ts';
import type { GraphWriter } from '../graph-writer.ts';
import { isInBlocks } from './blocks.ts';
import { lowerCopied } from './copied.ts';
import type { Lowering, LoweringContext, MappedWeight, NamedWeight } from './lowering.ts';
import { lowerings } from './lowerings.ts';
import {
  commonOrder,
  graphAxis,
  orderOfRank,
  toOrder,
  type StoredOrder,
  type StoredValue,
} from './stored-order.ts';
import { orderRules, type OrderRule } from './value-orders.ts';

/** Facts about the runtime and its request that the lowerings of a graph may rely on. */
export interface GraphForm extends Pick<LoweringContext, 'batch' | 'blocks'> {
  /** Weights that stay in a file, by name. */
  readonly mapped: ReadonlyMap<string, MappedWeight>;
}

/** The form of a graph for any runtime and for batches of any size. */
const anywhere: GraphForm = { batch: null, blocks: false, mapped: new Map() };

/** Everything that {@link lowerNode} needs in addition to the node itself. */
export interface LowerNodeContext {
  readonly writer: GraphWriter;
  /** Every node that may be an input, by name. */
  readonly nodes: ReadonlyMap<string, GraphNode>;
  /** The values computed so far: their names and axis orders in the ONNX graph. */
  readonly values: ReadonlyMap<string, StoredValue>;
  readonly weights: Weights;
  /** Default: a graph for any runtime and for batches of any size. */
  readonly form?: GraphForm;
  /** The batch normalisation whose scale the node's kernel takes over; default none. */
  readonly scaledBy?: GraphNode | null;
  /** Names of the forward nodes whose values a derivative reads; default none. */
  readonly uses?: ReadonlySet<string> | undefined;
  /** The input of a derivative's first node: the gradient of the score; default none. */
  readonly seed?: string;
}

/**
 * Adds the ONNX nodes that compute one node of the Network, and those that bring its inputs into the axis
 * order that the node takes.
 *
 * @returns the node's value in the ONNX graph.
 */
export function lowerNode(
  node: GraphNode,
  {
    writer,
    nodes,
    values,
    weights,
    form = anywhere,
    scaledBy = null,
    seed,
    uses,
  }: LowerNodeContext,
): StoredValue {
  const { op } = node;
  if (op.kind === 'input') throw new Error(`input ${node.name} was not supplied`);
  if (op.kind === 'opaque' && op.copied !== undefined) {
    const stored = node.inputs.map((input) => values.get(input)!);
    const shapes = node.inputs.map((input) => nodes.get(input)!.shape);
    return lowerCopied(
      writer,
      { layer: op.layer, copied: op.copied, output: op.output },
      stored,
      shapes,
    );
  }
  if (op.kind === 'opaque' || op.kind === 'opaqueGradient') {
    throw new Error(`node ${node.name} is outside the op set: the engine should have refused it`);
  }
  const lower = lowerings[op.kind] as Lowering;
  const stored = node.inputs.map((input) => values.get(input)!);
  const shapes = node.inputs.map((input) => nodes.get(input)!.shape);
  const order = chooseOrder(orderRules[op.kind], stored, shapes);
  const own = orderOfRank(node.shape.length, order);
  // The seeds of a single image are the batch of its gradients, so that these have another size than its
  // activations, and no product of both stays in blocks.
  const mayBlock = form.blocks && (seed === undefined || form.batch !== null);
  const made = lower({
    writer,
    node,
    op,
    inputs: stored.map((value, i) => toOrder(writer, value, shapes[i]!, order)),
    order: own,
    axis: (axis) => graphAxis(axis, own),
    overLast: (size) => (own === 'plain' ? [size] : [size, 1, 1]),
    stored: (index) => stored[index]!,
    inputShape: (index) => nodes.get(node.inputs[index]!)!.shape,
    inputKind: (index) => nodes.get(node.inputs[index]!)!.op.kind,
    isReadAgain: (index) => uses?.has(node.inputs[index]!) === true,
    meetsMaxPool: () => meetsMaxPool(node, nodes),
    hasWeight: (role) => node.weights[role] !== undefined,
    ...weightsOf(node, weights, form),
    kernelScale: scaledBy === null ? null : scaleOf(scaledBy, weights),
    batch: form.batch,
    blocks: mayBlock,
  });
  const value = typeof made === 'string' ? { name: made, order: own } : made;
  const inputs = stored.map((input, i) => ({ ...input, shape: shapes[i]! }));
  return {
    isBlocked: mayBlock && value.order === 'channelsFirst' && isInBlocks(op, node.shape, inputs),
    ...value,
    isShared: stored.every(({ isShared }) => isShared === true),
  };
}

function meetsMaxPool(node: GraphNode, nodes: ReadonlyMap<string, GraphNode>): boolean {
  const isRead = [...nodes.values()].some(
    ({ op, inputs }) => op.kind === 'maxPool' && inputs.includes(node.name),
  );
  let before = nodes.get(node.inputs[0] ?? '');
  while (before?.op.kind === 'pad') before = nodes.get(before.inputs[0]!);
  return isRead && !(before?.op.kind === 'relu' && before.op.slope === 0);
}

function chooseOrder(
  rule: OrderRule,
  stored: readonly StoredValue[],
  shapes: readonly (readonly number[])[],
): StoredOrder {
  if (rule === 'images') return 'channelsFirst';
  if (rule === 'plain') return 'plain';
  return commonOrder(stored.map((value, i) => ({ ...value, shape: shapes[i]! })));
}

/** The weights of a node, for a lowering. */
export function weightsOf(
  node: GraphNode,
  weights: Weights,
  { mapped }: Pick<GraphForm, 'mapped'>,
): Pick<LoweringContext, 'weight' | 'mappedWeight'> {
  return {
    mappedWeight: (role) => mapped.get(node.weights[role] ?? '') ?? null,
    weight: (role) => weightOf(node, role, weights),
  };
}

function weightOf(node: GraphNode, role: string, weights: Weights): NamedWeight {
  const name = node.weights[role];
  const array = name === undefined ? undefined : weights.get(name);
  if (name === undefined || array === undefined) {
    throw new Error(`node ${node.name} has no weight '${role}'`);
  }
  return { name, array };
}

function scaleOf(norm: GraphNode, weights: Weights): LoweringContext['kernelScale'] {
  const { array } = weightOf(norm, 'variance', weights);
  const gamma = norm.weights['gamma'] === undefined ? null : weightOf(norm, 'gamma', weights).array;
  const epsilon = norm.op.kind === 'batchNormAdjoint' ? norm.op.epsilon : 0;
  const name = nameScale(norm, epsilon);
  return { name, values: () => batchNormScale(gamma?.data ?? null, array.data, epsilon) };
}
