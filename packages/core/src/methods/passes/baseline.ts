import type { NdArray } from '../../base/nd-array.ts';
import { GradcamError } from '../../base/errors.ts';

/**
 * Values of an input without information, in the model's own scale: one number for all values, one for
 * each channel, or a whole input. For a model whose preprocessing subtracts the mean, 0 is the mean colour.
 */
export type Baseline = number | readonly number[] | NdArray;

/**
 * Repeats a baseline to the values of one input.
 *
 * @param shape the input's, channels last, with or without the batch axis of 1.
 * @throws GradcamError `argument` for another number of values, or values that are not finite.
 */
export function expandBaseline(baseline: Baseline, shape: readonly number[]): Float32Array {
  const size = shape.reduce((product, length) => product * length, 1);
  const channels = shape.at(-1) ?? 1;
  const values = readBaseline(baseline);
  const fits = values.length === 1 || values.length === channels || values.length === size;
  if (!fits || !values.every((value) => Number.isFinite(value))) {
    throw new GradcamError(
      'argument',
      `baseline: expected 1, ${channels} or ${size} finite numbers, got ${values.length}`,
    );
  }
  return Float32Array.from({ length: size }, (_, i) => values[i % values.length]!);
}

function readBaseline(baseline: Baseline): readonly number[] | Float32Array {
  if (typeof baseline === 'number') return [baseline];
  return 'data' in baseline ? baseline.data : baseline;
}
