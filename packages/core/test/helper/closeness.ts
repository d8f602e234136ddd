import { expect } from 'vitest';
import { ROUNDING } from './rounding.ts';

interface Numbers {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

/**
 * Two float32 computations of the same sum of n terms differ by a few roundings of its largest
 * partial sums: 2^-24 each, and n is at most some hundred in these nets. 3e-6 is fifty roundings.
 */
export const FLOAT32_SUMS = 3e-6;

/** Largest absolute value; 1 where all are zero, so that an error against zeros stays an error. */
export function largestOf(values: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i]!));
  return largest === 0 ? 1 : largest;
}

/** Largest difference in units of `scale`; NaN where a value is not a number. */
export function largestDifference(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  scale = largestOf(expected),
): number {
  let worst = 0;
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(actual[i]! - expected[i]!) / scale;
    if (Number.isNaN(difference)) return NaN;
    worst = Math.max(worst, difference);
  }
  return worst;
}

/** Expects equal shapes, and values that differ by at most `tolerance` of `scale`. */
export function expectClose(
  actual: Numbers | undefined,
  expected: Numbers,
  tolerance = FLOAT32_SUMS,
  scale = largestOf(expected.data),
): void {
  expect(actual?.shape).toEqual(expected.shape);
  expect(actual!.data.length).toBe(expected.data.length);
  expect(largestDifference(actual!.data, expected.data, scale)).toBeLessThanOrEqual(
    tolerance * ROUNDING,
  );
}

/**
 * The scale of a CAM's error: the largest over the cells of sum_k |w_k A_k|, since what rounding
 * does to a sum depends on its terms and not on what is left of them.
 */
export function camScale(
  activations: Numbers,
  weightOf: (cell: number, channel: number) => number,
): number {
  const channels = activations.shape.at(-1)!;
  let largest = 0;
  for (let cell = 0; cell * channels < activations.data.length; cell++) {
    let sum = 0;
    for (let k = 0; k < channels; k++) {
      sum += Math.abs(weightOf(cell, k) * activations.data[cell * channels + k]!);
    }
    largest = Math.max(largest, sum);
  }
  return largest;
}
