import { countElements } from '../../base/nd-array.ts';
import type { GraphBuilder } from './graph-builder.ts';
import type { NodeValue } from './value.ts';

/** The order in which the network stores the axes of an image [batch, channels, height, width]. */
export const imageOrder: readonly number[] = [2, 3, 1];

/** Transposes a value: axis i of the result is axis `axes[i]` of the input. Nothing moves in memory. */
export function transposeValue(value: NodeValue, axes: readonly number[]): NodeValue {
  const moved = (axis: number): number => axes.indexOf(axis);
  return {
    ...value,
    shape: axes.map((axis) => value.shape[axis]!),
    order: value.order.map(moved),
    batch: value.batch === null ? null : moved(value.batch),
    channels: value.channels === null ? null : moved(value.channels),
  };
}

/**
 * The node that holds a value in the given order. Where the value is stored in another order, a node that
 * moves it is added.
 *
 * @param order axes of the value; every axis that is left out must have size 1.
 */
export function arrange(builder: GraphBuilder, value: NodeValue, order: readonly number[]): string {
  const { shape } = value;
  const isLong = (axis: number): boolean => shape[axis] !== 1;
  const target = order.map((axis) => shape[axis]!);
  let { node } = value;
  let stored = value.order;
  if (stored.filter(isLong).join() !== order.filter(isLong).join()) {
    const moved = [
      ...order.filter((axis) => stored.includes(axis)),
      ...stored.filter((axis) => !order.includes(axis)),
    ];
    const dims = moved.map((axis) => stored.indexOf(axis));
    node = builder.emit(
      { kind: 'permute', dims },
      [node],
      moved.map((axis) => shape[axis]!),
    );
    stored = moved;
  }
  const from = stored.map((axis) => shape[axis]!);
  return from.join() === target.join() ? node : builder.emit({ kind: 'reshape' }, [node], target);
}

/** The stored order of a value, with one axis moved to the end. */
export function orderWithLast(value: NodeValue, axis: number): readonly number[] {
  return [...value.order.filter((one) => one !== axis), axis];
}

/** All axes except the batch, in the file's order. */
export function plainOrder({ shape, batch }: Pick<NodeValue, 'shape' | 'batch'>): number[] {
  return shape.map((_, axis) => axis).filter((axis) => axis !== batch);
}

/**
 * Reshapes a value. The file states a reshape in its own order of axes, which may differ from the stored one.
 * Groups of axes that split, join or stay keep their stored places. Where the two orders differ within a
 * group that is joined, the value is moved to the file's order first.
 */
export function reshapeValue(
  builder: GraphBuilder,
  value: NodeValue,
  shape: readonly number[],
): NodeValue {
  const batch = batchAfter(value, shape);
  const groups = groupAxes(value.shape, shape);
  const ordered = orderGroups(value, groups);
  const node = arrange(
    builder,
    value,
    ordered.flatMap((group) => group.from),
  );
  const order = ordered.flatMap((group) => group.to);
  const target = order.map((axis) => shape[axis]!);
  const from = builder.nodes.get(node)!.shape;
  const isSame = from.join() === target.join();
  const held = isSame ? node : builder.emit({ kind: 'reshape' }, [node], target);
  const kept = groups.find(
    ({ from, to }) => from.length === 1 && to.length === 1 && from[0] === value.channels,
  );
  return { kind: 'node', node: held, shape, order, batch, channels: kept?.to[0] ?? null };
}

/** Axes before and after a reshape that hold the same elements. Axes of size 1 belong to no group. */
interface AxisGroup {
  readonly from: readonly number[];
  readonly to: readonly number[];
}

function groupAxes(before: readonly number[], after: readonly number[]): AxisGroup[] {
  const longs = (shape: readonly number[]): number[] =>
    shape.map((_, axis) => axis).filter((axis) => shape[axis] !== 1);
  const [sources, targets] = [longs(before), longs(after)];
  const groups: AxisGroup[] = [];
  while (sources.length > 0 || targets.length > 0) {
    const from = sources.splice(0, 1);
    const to = targets.splice(0, 1);
    let left = countElements(from.map((axis) => before[axis]!));
    let right = countElements(to.map((axis) => after[axis]!));
    while (left !== right) {
      const next = left < right ? sources.shift() : targets.shift();
      if (next === undefined) throw new Error('shapes of unlike sizes');
      if (left < right) {
        from.push(next);
        left *= before[next]!;
      } else {
        to.push(next);
        right *= after[next]!;
      }
    }
    groups.push({ from, to });
  }
  return groups;
}

/** Sorts groups by the stored place of their first axis. */
function orderGroups({ order }: NodeValue, groups: readonly AxisGroup[]): AxisGroup[] {
  const place = ({ from }: AxisGroup): number =>
    Math.min(...from.map((axis) => order.indexOf(axis)));
  return [...groups].sort((a, b) => place(a) - place(b));
}

/**
 * The batch axis after a reshape: an axis of size 1 with as many elements before it as the batch axis had.
 */
function batchAfter({ shape: before, batch }: NodeValue, after: readonly number[]): number | null {
  if (batch === null || batch === 0) return after[0] === 1 ? 0 : null;
  const preceding = countElements(before.slice(0, batch));
  const candidates = after
    .map((_, axis) => axis)
    .filter((axis) => after[axis] === 1 && countElements(after.slice(0, axis)) === preceding);
  return candidates.find((axis) => axis === batch) ?? candidates[0] ?? null;
}

/** Puts axes of size 1 before a value's axes, up to a rank. */
export function padRank(value: NodeValue, rank: number): NodeValue {
  const more = rank - value.shape.length;
  if (more <= 0) return value;
  return {
    ...value,
    shape: [...new Array<number>(more).fill(1), ...value.shape],
    order: value.order.map((axis) => axis + more),
    batch: value.batch === null ? 0 : value.batch + more,
    channels: value.channels === null ? null : value.channels + more,
  };
}

/** Several values of one rank, stored in one order, ready to be joined element by element. */
export interface Aligned {
  readonly nodes: readonly string[];
  readonly order: readonly number[];
  readonly batch: number | null;
  readonly channels: number | null;
}

/** Brings values of one rank into the order in which the largest one is stored. */
export function alignValues(builder: GraphBuilder, values: readonly NodeValue[]): Aligned {
  const [largest] = [...values].sort((a, b) => countElements(b.shape) - countElements(a.shape));
  const order = [...largest!.order];
  const rank = largest!.shape.length;
  for (let axis = 0; axis < rank; axis++) {
    if (order.includes(axis) || values.every(({ shape }) => shape[axis] === 1)) continue;
    insertAxis(order, axis);
  }
  return {
    nodes: values.map((value) => arrange(builder, value, order)),
    order,
    batch: sharedBatch(values, order),
    channels:
      largest!.channels ?? values.find(({ channels }) => channels !== null)?.channels ?? null,
  };
}

/** The batch axis of the first value that has one among the axes that are not stored. */
function sharedBatch(values: readonly NodeValue[], order: readonly number[]): number | null {
  const found = values.find(({ batch }) => batch !== null && !order.includes(batch));
  return found?.batch ?? null;
}

/** Puts an axis into an order, before the first axis that comes later in the file. */
export function insertAxis(order: number[], axis: number): void {
  const behind = order.findIndex((one) => one > axis);
  order.splice(behind < 0 ? order.length : behind, 0, axis);
}
