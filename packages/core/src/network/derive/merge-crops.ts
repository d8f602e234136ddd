import { listReaders } from '../walk-graph.ts';
import type { GraphNode } from '../network.ts';
import type { Op, Padding } from '../op.ts';

/**
 * Merges a crop into the adjoint convolution before it.
 *
 * Where a net pads before a convolution, the derivative computes the convolution's adjoint and then
 * crops its edges. An adjoint with the same padding never computes those edges.
 *
 * @param nodes the nodes of a derivative, in order.
 * @param kept names of the nodes whose values are requested.
 */
export function mergeCrops(nodes: readonly GraphNode[], kept: ReadonlySet<string>): GraphNode[] {
  const readers = listReaders(nodes);
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const merged = new Set<string>();
  const result = nodes.map((node) => {
    if (node.op.kind !== 'crop') return node;
    const before = byName.get(node.inputs[0]!);
    if (before === undefined || kept.has(before.name)) return node;
    if (readers.get(before.name)?.length !== 1) return node;
    const op = cropAdjoint(before.op, node.op.padding, node.shape);
    if (op === null) return node;
    merged.add(before.name);
    return { ...before, name: node.name, op, shape: node.shape };
  });
  return result.filter(({ name }) => !merged.has(name));
}

function cropAdjoint(op: Op, crop: Padding, shape: readonly number[]): Op | null {
  if (op.kind !== 'conv2dAdjoint' && op.kind !== 'depthwiseConv2dAdjoint') return null;
  const padding: Padding = {
    top: op.padding.top + crop.top,
    bottom: op.padding.bottom + crop.bottom,
    left: op.padding.left + crop.left,
    right: op.padding.right + crop.right,
  };
  const [height = 1, width = 1] = shape;
  return { ...op, padding, height, width };
}
