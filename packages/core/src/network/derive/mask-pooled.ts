import { listReaders } from '../walk-graph.ts';
import type { GraphNode } from '../network.ts';
import type { Window } from '../op.ts';
import { countWindowSteps } from '../padding.ts';

/**
 * Moves the mask of a ReLU from before a max pool to after it, where the image is a quarter of the size
 * or less.
 *
 * A max pool sends each gradient back to the cell that held the maximum of its window, and the ReLU at
 * that cell passes it where the maximum is above zero. The output of the pool says as much about this
 * as its input, so the gradient may be masked before it is sent back. Then only the pool reads the
 * large activation. The second rule of a guided ReLU, that only positive gradients pass, applies to the
 * sum of the gradients that meet in a cell. Where windows overlap, that rule stays after the pool's
 * gradient.
 *
 * @param nodes the nodes of a derivative, in order.
 * @param kept names of the nodes whose values are requested.
 */
export function maskPooled(nodes: readonly GraphNode[], kept: ReadonlySet<string>): GraphNode[] {
  const readers = listReaders(nodes);
  /**
   * Maps the name of a pool's gradient to the gradient of the ReLU, if that is its only reader. `poolOf` is
   * the inverse map.
   */
  const maskOf = new Map<string, GraphNode>();
  const poolOf = new Map<string, GraphNode>();
  for (const pool of nodes) {
    const [mask, ...others] = readers.get(pool.name) ?? [];
    if (pool.op.kind !== 'maxPoolGradient' || kept.has(pool.name)) continue;
    if (mask?.op.kind !== 'reluGradient' || others.length > 0) continue;
    // The activation that the mask reads must be the input of the pool.
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

/**
 * The nodes that replace a pool's gradient and the mask after it. The last node has the name of the
 * mask.
 */
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
