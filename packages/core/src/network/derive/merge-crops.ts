import { listReaders } from '../list-readers.ts';
import type { GraphNode } from '../network.ts';
import type { Op, Padding } from '../op.ts';

/**
 * Merges a crop into the adjoint convolution before it.
 *
 * A net that pads explicitly before a convolution has, on the way back, a convolution's adjoint whose
 * edges are cut off again; an adjoint with that padding of its own never computes them.
 *
 * @param nodes a derivative, in order.
 * @param kept names of nodes whose values are asked for.
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
