import type { NdArray } from '../../base/nd-array.ts';
import { expandBaseline, type Baseline } from '../../methods/passes/baseline.ts';
import { blurLikeRise } from './blur.ts';
import type { SettingValue } from '../measurement.ts';

/**
 * The values that replace removed pixels: numbers in the model's own scale, `mean` for the mean of each
 * channel of the input, or `blur` for the input blurred as RISE does it.
 */
export type Replacement = Baseline | 'mean' | 'blur';

/** The replacement's values for one input [1, height, width, channels]. */
export function makeReplacement(replacement: Replacement, input: NdArray): Float32Array {
  if (replacement === 'blur') return blurLikeRise(input).data;
  if (replacement === 'mean') return expandBaseline(channelMeans(input), input.shape);
  return expandBaseline(replacement, input.shape);
}

/** The replacement in the settings of a measurement. */
export function describeReplacement(replacement: Replacement): SettingValue {
  if (typeof replacement === 'string' || typeof replacement === 'number') return replacement;
  return 'data' in replacement ? 'given values' : replacement;
}

function channelMeans({ shape, data }: NdArray): number[] {
  const channels = shape.at(-1)!;
  const means = Array.from({ length: channels }, () => 0);
  data.forEach((value, i) => (means[i % channels]! += (value * channels) / data.length));
  return means;
}
