import { countElements } from '../../../base/nd-array.ts';
import type { GraphWriter } from '../graph-writer.ts';

/**
 * How a value's axes stand in the ONNX graph, behind the batch axis: `plain` as the Network has them, or
 * `channelsFirst`, [channels, height, width], as convolutions and pools take images.
 *
 * It is known of each value, and does not follow from its rank: attention's [heads, tokens, size] has three
 * axes too, and is no image.
 */
export type StoredOrder = 'plain' | 'channelsFirst';

/** A value of the Network in the ONNX graph. */
export interface StoredValue {
  readonly name: string;
  readonly order: StoredOrder;
  /** One item for all of a batch: made of constants alone. */
  readonly isShared?: boolean;
}

/** Axes of a value that may have its channels first. */
const IMAGE_RANK = 3;

/** A value as the Network has it. */
export function asPlain(name: string): StoredValue {
  return { name, order: 'plain' };
}

/** The order that a value of this rank can have: only three axes can have their channels first. */
export function orderOfRank(rank: number, order: StoredOrder): StoredOrder {
  return rank === IMAGE_RANK ? order : 'plain';
}

/** Whether both orders are the same numbers one after the other: of a single cell, or a single channel. */
export function isOneOrder(shape: readonly number[]): boolean {
  const [height = 1, width = 1, channels = 1] = shape;
  return shape.length === IMAGE_RANK && (height * width === 1 || channels === 1);
}

/** Where an axis of the Network, the batch's not counted, is in the graph. */
export function graphAxis(axis: number, order: StoredOrder): number {
  if (order === 'plain') return axis + 1;
  return axis === 2 ? 1 : axis + 2;
}

/**
 * Brings a value into an order, once for all that ask for it; values of other than three axes have one order.
 *
 * @param shape of the value, as the Network has it.
 * @returns its name in the graph.
 */
export function toOrder(
  writer: GraphWriter,
  value: StoredValue,
  shape: readonly number[],
  order: StoredOrder,
): string {
  const { name } = value;
  if (value.order === orderOfRank(shape.length, order)) return name;
  return writer.once(`${order} ${name}`, () => {
    if (isOneOrder(shape)) {
      const target = order === 'plain' ? shape : [shape[2]!, shape[0]!, shape[1]!];
      return writer.add('Reshape', [name, writer.integers([-1, ...target])]);
    }
    const perm = order === 'plain' ? [0, 2, 3, 1] : [0, 3, 1, 2];
    return writer.add('Transpose', [name], { perm });
  });
}

/** The order of the largest of several values; of equals, channels first. */
export function commonOrder(
  values: readonly (StoredValue & { readonly shape: readonly number[] })[],
): StoredOrder {
  const largest = Math.max(...values.map(({ shape }) => countElements(shape)));
  const isFirst = values.some(
    ({ order, shape }) => order === 'channelsFirst' && countElements(shape) === largest,
  );
  return isFirst ? 'channelsFirst' : 'plain';
}
