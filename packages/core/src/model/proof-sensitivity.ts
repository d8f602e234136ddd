import type { NdArray } from '../base/nd-array.ts';
import { createRandom } from '../base/random.ts';
import type { FileValue } from '../readers/graph/file-value.ts';
import { differenceOf } from './proof-difference.ts';

/** The distance of a float32 number to the next one, as a share of the number. */
const STEP = 2 ** -23;

/**
 * How many times the effect of the pixels' last digits two correct evaluations may differ. The rounding of
 * every layer adds to that of the pixels; in the nets that were measured, the sum is below twice the effect.
 */
const ROUNDINGS = 4;

/** However sensitive a net is, a larger difference than this share of the range is not taken for rounding. */
const MOST_ROUNDING = 2e-2;

/** The same pixels, each changed by one step of float32 upwards or downwards, chosen by a fixed seed. */
export function nudge(pixels: Float32Array): Float32Array {
  const random = createRandom(2);
  return pixels.map((pixel) => pixel * (1 + (random() < 0.5 ? -STEP : STEP)));
}

/** By how much an output of one program changes between two runs, as a share of its range. */
export function changeOf(value: FileValue, before: NdArray, after: NdArray): number {
  const order = value.shape.map((_, axis) => axis);
  const data = value.isLogarithm ? after.data.map(Math.exp) : after.data;
  return differenceOf({ ...value, order }, before, { ...after, data });
}

/** What one output of a proof differs by, and how much it changes with the last digits of the pixels. */
export interface ProvenOutput {
  readonly name: string;
  readonly error: number;
  readonly sensitivity: number;
}

/** The difference that is allowed of an output with that sensitivity. */
export function allowedOf({ sensitivity }: ProvenOutput, tolerance: number): number {
  return Math.max(tolerance, Math.min(ROUNDINGS * sensitivity, MOST_ROUNDING));
}

/** The part of a proof's line that says how much was allowed, and why. */
export function describeAllowed(
  outputs: readonly ProvenOutput[],
  tolerance: number,
  because = '',
): string {
  const [worst] = [...outputs].sort((a, b) => b.error - a.error);
  if (worst === undefined || worst.error <= tolerance) {
    return `${tolerance} is allowed${because}`;
  }
  return `${allowedOf(worst, tolerance).toExponential(1)} is allowed: changes of the pixels' last digits alone change it by ${worst.sensitivity.toExponential(1)}`;
}
