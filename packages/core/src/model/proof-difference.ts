import { countElements, type NdArray } from '../base/nd-array.ts';
import { toStoredOrder } from '../readers/graph/stored-order.ts';
import type { FileValue } from '../readers/graph/file-value.ts';

/**
 * The largest allowed difference, as a share of the outputs' range. Two correct float32 evaluations differ
 * by 1e-6 of it, and a wrong evaluation differs by far more.
 */
export const PROOF_TOLERANCE = 1e-4;

/** The largest difference, as a share of the largest value in the file's result. */
export function differenceOf(
  { shape, order, isLogarithm }: FileValue,
  file: NdArray,
  own: NdArray,
): number {
  if (countElements(shape) !== file.data.length) return Infinity;
  const expected = toStoredOrder(file.data, shape, order);
  let [range, error] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    const value = isLogarithm ? Math.exp(expected[i]!) : expected[i]!;
    range = Math.max(range, Math.abs(value));
    const difference = Math.abs(value - own.data[i]!);
    error = Math.max(error, Number.isNaN(difference) ? Infinity : difference);
  }
  return error === 0 ? 0 : error / range;
}
