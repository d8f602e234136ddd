import type { GraphBuilder } from './graph-builder.ts';
import { broadcastShapes } from './fold/shapes.ts';
import { arrange, padRank } from './layout.ts';
import type { NodeValue } from './value.ts';

/**
 * Multiplies two values over their last two axes; the axes before these are broadcast. A side whose last two
 * axes are stored the other way round is multiplied as transposed, so that nothing is moved.
 *
 * @returns null where the shapes do not fit.
 */
export function multiplyMatrices(
  builder: GraphBuilder,
  first: NodeValue,
  second: NodeValue,
): NodeValue | null {
  const rank = Math.max(first.shape.length, second.shape.length);
  const [a, b] = [padRank(first, rank), padRank(second, rank)];
  const [row, column] = [rank - 2, rank - 1];
  const outer = broadcastShapes(a.shape.slice(0, row), b.shape.slice(0, row));
  if (outer === null || a.shape[column] !== b.shape[row]) return null;
  const lead = leadingAxes(a, b, row);
  const sides = [a, b].map((value) => {
    const isTurned = value.order.indexOf(row) > value.order.indexOf(column);
    const isStored = value.order.includes(row) && value.order.includes(column);
    const turned = isTurned && isStored;
    const node = arrange(builder, value, [...lead, ...(turned ? [column, row] : [row, column])]);
    return { node, turned };
  });
  const shape = [...outer, a.shape[row]!, b.shape[column]!];
  const order = [...lead, row, column];
  const op = {
    kind: 'matMul',
    transposeA: sides[0]!.turned,
    transposeB: sides[1]!.turned,
  } as const;
  const node = builder.emit(
    op,
    sides.map((side) => side.node),
    order.map((axis) => shape[axis]!),
  );
  const isFree = (value: NodeValue): boolean =>
    value.batch !== null && !order.includes(value.batch);
  const batch = [a, b].find(isFree)?.batch ?? null;
  return { kind: 'node', node, shape, order, batch, channels: null };
}

/** The stored axes before the last two, in the order of the side that has more of them. */
function leadingAxes(a: NodeValue, b: NodeValue, row: number): number[] {
  const of = ({ order, shape }: NodeValue): number[] =>
    order.filter((axis) => axis < row && shape[axis] !== 1);
  const [more, less] = of(a).length >= of(b).length ? [of(a), of(b)] : [of(b), of(a)];
  return [...more, ...less.filter((axis) => !more.includes(axis))];
}
