import { withAxis } from './cut-value.ts';
import type { GraphBuilder } from './graph-builder.ts';
import type { NodeValue } from './value.ts';

/** Places of one axis in the given order; a place may be taken several times or never. */
export function pickPlaces(
  builder: GraphBuilder,
  given: NodeValue,
  axis: number,
  indices: readonly number[],
): NodeValue {
  const value = withAxis(builder, given, axis);
  const place = value.order.indexOf(axis);
  const from = builder.nodes.get(value.node)!.shape;
  const stored = from.map((size, i) => (i === place ? indices.length : size));
  const node = builder.emit({ kind: 'gather', axis: place, indices }, [value.node], stored);
  const shape = value.shape.map((size, i) => (i === axis ? indices.length : size));
  return { ...value, shape, node };
}

/** How an axis is continued beyond its ends. */
export type EdgeMode = 'edge' | 'reflect' | 'symmetric' | 'wrap';

/**
 * The places of an axis of `size` that stand `before` and `after` it, with its own between them. `reflect`
 * mirrors at the first and last place, `symmetric` (of TensorFlow) around the edge, `edge` repeats the end.
 */
export function placesAround(
  mode: EdgeMode,
  size: number,
  before: number,
  after: number,
): readonly number[] {
  const period = { edge: 1, wrap: size, reflect: Math.max(1, 2 * size - 2), symmetric: 2 * size }[
    mode
  ];
  return Array.from({ length: before + size + after }, (_, i) => {
    const place = i - before;
    if (mode === 'edge') return Math.min(Math.max(place, 0), size - 1);
    const turned = ((place % period) + period) % period;
    if (turned < size) return turned;
    return mode === 'reflect' ? period - turned : period - 1 - turned;
  });
}
