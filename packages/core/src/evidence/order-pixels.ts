/**
 * How pixels of equal value are ordered. `first`: in the order of the image, row by row. `last`: the other
 * way round, as reversing an ascending stable order does.
 */
export type TieRule = 'first' | 'last';

/** Indices of a map's values from the largest to the smallest. */
export function orderPixels(values: ArrayLike<number>, ties: TieRule = 'first'): Uint32Array {
  const order = Uint32Array.from({ length: values.length }, (_, i) => i);
  const sign = ties === 'first' ? 1 : -1;
  return order.sort((a, b) => values[b]! - values[a]! || sign * (a - b));
}
