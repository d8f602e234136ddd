import { countElements } from '../../../base/nd-array.ts';
import type { GraphWriter } from '../graph-writer.ts';

/**
 * The order of a value's axes in the ONNX graph, after the batch axis: `plain` is the Network's own order,
 * and `channelsFirst` is [channels, height, width], in which convolutions and pools take images.
 *
 * The order is noted for each value, because it does not follow from the rank: attention's [heads, tokens,
 * size] has three axes too, and is no image.
 */
export type StoredOrder = 'plain' | 'channelsFirst';

/** The name and the axis order that a value of the Network has in the ONNX graph. */
export interface StoredValue {
  readonly name: string;
  readonly order: StoredOrder;
  /** Whether the value depends on constants only and therefore has one item for the whole batch. */
  readonly isShared?: boolean;
  /** Whether the runtime keeps the value in blocks of channels (`blocks.ts`). */
  readonly isBlocked?: boolean;
  /**
   * An image of one cell, [batch, channels, 1, 1], that holds the same numbers: those of a vector, or those
   * of every cell of an image.
   */
  readonly cell?: Pick<StoredValue, 'name' | 'isBlocked'>;
}

/** Only values with this many axes, not counting the batch axis, can have their channels first. */
const IMAGE_RANK = 3;

/** A value in the Network's own order. */
export function asPlain(name: string): StoredValue {
  return { name, order: 'plain' };
}

/** The given order for a value of three axes; `plain` for any other rank. */
export function orderOfRank(rank: number, order: StoredOrder): StoredOrder {
  return rank === IMAGE_RANK ? order : 'plain';
}

/** Whether both orders list the same numbers: true for an image of one cell or one channel. */
export function isOneOrder(shape: readonly number[]): boolean {
  const [height = 1, width = 1, channels = 1] = shape;
  return shape.length === IMAGE_RANK && (height * width === 1 || channels === 1);
}

/**
 * The index in the graph of an axis of the Network. The argument does not count the batch axis; the result
 * does.
 */
export function graphAxis(axis: number, order: StoredOrder): number {
  if (order === 'plain') return axis + 1;
  return axis === 2 ? 1 : axis + 2;
}

/**
 * Brings a value into an order. All nodes that ask for the same order share one transposed value. Values
 * that do not have three axes have one order only.
 *
 * @param shape the value's shape in the Network.
 * @returns the name of the value in that order.
 */
export function toOrder(
  writer: GraphWriter,
  value: StoredValue,
  shape: readonly number[],
  order: StoredOrder,
): string {
  const { name, cell } = value;
  if (value.order === orderOfRank(shape.length, order)) return name;
  return writer.once(`${order} ${name}`, () => {
    if (cell !== undefined && order === 'plain') {
      const last = writer.add('Reshape', [cell.name, writer.integers([0, 1, 1, shape[2]!])]);
      return writer.add('Expand', [last, writer.integers([1, ...shape])]);
    }
    if (isOneOrder(shape)) {
      const target = order === 'plain' ? shape : [shape[2]!, shape[0]!, shape[1]!];
      return writer.add('Reshape', [name, writer.integers([0, ...target])]);
    }
    const perm = order === 'plain' ? [0, 2, 3, 1] : [0, 3, 1, 2];
    return writer.add('Transpose', [name], { perm });
  });
}

/** The order of the largest of several values; channels first if the largest ones differ. */
export function commonOrder(
  values: readonly (StoredValue & { readonly shape: readonly number[] })[],
): StoredOrder {
  const largest = Math.max(...values.map(({ shape }) => countElements(shape)));
  const isFirst = values.some(
    ({ order, shape }) => order === 'channelsFirst' && countElements(shape) === largest,
  );
  return isFirst ? 'channelsFirst' : 'plain';
}
