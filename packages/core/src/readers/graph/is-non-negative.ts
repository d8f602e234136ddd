import type { Op } from '../../network/op.ts';
import type { DraftNode, GraphBuilder } from './graph-builder.ts';

/** Ops after which no value is negative if none was before. */
const keeping: ReadonlySet<Op['kind']> = new Set<Op['kind']>([
  ...(['maxPool', 'averagePool', 'globalAveragePool', 'globalMaxPool', 'pad', 'crop'] as const),
  ...(['reshape', 'permute', 'resizeNearest', 'add', 'multiply', 'divide', 'minimum'] as const),
  ...(['sumTo', 'maxTo', 'broadcast', 'concatenate', 'slice', 'stride', 'gather'] as const),
]);

/** Functions that give no negative number. */
const positive: ReadonlySet<string> = new Set([
  ...['exponential', 'softplus', 'abs', 'hardSigmoid'],
]);

/** Nodes that are looked at. Between two activations of a net there are a few. */
const MOST_NODES = 200;

/**
 * Whether the ops before a node show that it holds no negative number. The pixels of a picture count as such:
 * what clamps them at 0 is no ReLU of the model.
 */
export function isNonNegative(builder: GraphBuilder, id: string): boolean {
  const seen = new Set([id]);
  for (const one of seen) {
    if (seen.size > MOST_NODES) return false;
    const node = builder.nodes.get(one)!;
    if (isPositiveItself(node)) continue;
    if (!keeps(node)) return false;
    for (const input of node.inputs) seen.add(input);
  }
  return true;
}

function isPositiveItself({ op }: DraftNode): boolean {
  if (op.kind === 'activation') return positive.has(op.fn.name);
  if (op.kind === 'relu') return op.slope === 0;
  return op.kind === 'softmax' || op.kind === 'sigmoid' || op.kind === 'input';
}

function keeps({ op }: DraftNode): boolean {
  if (op.kind === 'activation') return op.fn.name === 'quantise' || op.fn.name === 'power';
  if (op.kind === 'affine') return [...op.scale, ...op.offset].every((one) => one >= 0);
  return keeping.has(op.kind);
}
