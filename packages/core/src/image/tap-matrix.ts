import type { Taps } from './resample.ts';

/** Resampling one axis as a matrix, which engines multiply with. */
export interface TapMatrix {
  /** [to, from]; transposed [from, to]. */
  readonly shape: readonly [number, number];
  readonly values: Float64Array;
}

/**
 * Writes the taps of an axis into a matrix: a row for each sample of the result.
 *
 * @param from samples of the axis before resampling.
 * @param transposed for the adjoint, or to multiply from the right.
 */
export function toTapMatrix(taps: readonly Taps[], from: number, transposed = false): TapMatrix {
  const to = taps.length;
  const values = new Float64Array(to * from);
  taps.forEach(({ start, weights }, row) => {
    weights.forEach((weight, i) => {
      const column = start + i;
      values[transposed ? column * to + row : row * from + column] = weight;
    });
  });
  return { shape: transposed ? [from, to] : [to, from], values };
}
