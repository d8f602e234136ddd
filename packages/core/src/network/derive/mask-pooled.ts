import { listReaders } from '../list-readers.ts';
import type { GraphNode } from '../network.ts';
import type { Window } from '../op.ts';
import { countWindowSteps } from '../padding.ts';

/**
 * Shuts units behind a max pool at the pool's own size, a quarter of theirs or less.
 *
 * A pool sends each gradient to the cell that held its window's maximum, and the unit of that cell is open
 * where the maximum is above zero: so the pool's result tells as much as its input, and the gradient may be
 * masked before it is sent on. The big activation is then read by the pool alone. A guided ReLU's second
 * rule, that only positive gradients pass, is about the sum of what meets in a cell: where windows overlap it
 * stays behind the pool.
 *
 * @param nodes a derivative, in order.
 * @param kept names of nodes whose values are asked for.
 */
export function maskPooled(nodes: readonly GraphNode[], kept: ReadonlySet<string>): GraphNode[] {
  const readers = listReaders(nodes);
  /** Of each pool's gradient the ReLU's that alone reads it, and the other way round. */
  const maskOf = new Map<string, GraphNode>();
  const poolOf = new Map<string, GraphNode>();
  for (const pool of nodes) {
    const [mask, ...others] = readers.get(pool.name) ?? [];
    if (pool.op.kind !== 'maxPoolGradient' || kept.has(pool.name)) continue;
    if (mask?.op.kind !== 'reluGradient' || others.length > 0) continue;
    // The mask's own activation is the pool's input, and not its gradient.
    if (mask.inputs[0] !== pool.name || mask.inputs[1] !== pool.inputs[1]) continue;
    if (mask.op.policy === 'deconvnet' || mask.op.slope !== 0) continue;
    maskOf.set(pool.name, mask);
    poolOf.set(mask.name, pool);
  }
  return nodes.flatMap((node): GraphNode[] => {
    if (maskOf.has(node.name)) return [];
    const pool = poolOf.get(node.name);
    return pool === undefined ? [node] : maskBefore(pool, node);
  });
}

/** In place of a pool's gradient and the mask after it; the last node has the mask's name. */
function maskBefore(pool: GraphNode, mask: GraphNode): GraphNode[] {
  if (mask.op.kind !== 'reluGradient' || pool.op.kind !== 'maxPoolGradient') return [pool, mask];
  const [upstream, image, pooled] = pool.inputs as [string, string, string];
  const splits = mask.op.policy === 'guided' && overlaps(pool.op);
  const masked: GraphNode = {
    ...mask,
    name: `${mask.name}, pooled`,
    op: splits ? { ...mask.op, policy: 'plain' } : mask.op,
    inputs: [upstream, pooled],
    shape: pooledShape(pool.op, pool.shape),
  };
  const spread: GraphNode = {
    ...pool,
    name: splits ? pool.name : mask.name,
    inputs: [masked.name, image, pooled],
  };
  if (!splits) return [masked, spread];
  const positive = { ...mask.op, policy: 'deconvnet' as const };
  return [masked, spread, { ...mask, op: positive, inputs: [spread.name, image] }];
}

function overlaps({ size, strides }: Window): boolean {
  return size[0] > strides[0] || size[1] > strides[1];
}

function pooledShape(
  { size, strides, padding }: Window,
  [height = 1, width = 1, channels = 1]: readonly number[],
): readonly number[] {
  const window = { size, strides, dilations: [1, 1] as const };
  return [...countWindowSteps([height, width], window, padding), channels];
}
