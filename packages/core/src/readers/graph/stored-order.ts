import { stridesOf, walk } from './fold/shapes.ts';

/**
 * Brings the values of a file's tensor into the order in which the network stores them.
 *
 * @param shape sizes of all axes, at a batch of one.
 * @param order the axes that are stored, in order; the others have size 1.
 */
export function toStoredOrder(
  values: ArrayLike<number>,
  shape: readonly number[],
  order: readonly number[],
): Float32Array {
  const strides = stridesOf(shape);
  const to = new Float32Array(values.length);
  walk(
    order.map((axis) => shape[axis]!),
    [order.map((axis) => strides[axis]!)],
    ([place], index) => {
      to[index] = values[place!]!;
    },
  );
  return to;
}
