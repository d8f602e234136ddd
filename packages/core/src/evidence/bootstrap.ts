import { GradcamError } from '../base/errors.ts';
import { createRandom } from '../base/random.ts';
import { checkCount } from '../methods/passes/batched-runs.ts';

export interface BootstrapOptions {
  /** Number of samples that are drawn; default 2000. */
  readonly resamples?: number;
  /** The share of the samples' means that the interval holds; default 0.95. */
  readonly level?: number;
  /** Seed of the draws; default 1. */
  readonly seed?: number;
}

/** A mean over images with an interval that says how far it would move with other images. */
export interface MeanWithInterval {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  /** Number of images with a value. */
  readonly images: number;
  /** Number of images without one, which are left out. */
  readonly without: number;
  readonly level: number;
  readonly resamples: number;
  readonly seed: number;
}

/**
 * The mean over images, with a bootstrap interval by percentiles: images are drawn with replacement, as many
 * as there are, and the quantiles of the means of all draws bound the interval. The same seed and number of
 * images draw the same images, so methods that have a value for each image are compared on the same draws.
 *
 * @param values one for each image; null for an image without a result.
 * @returns null where no image has a value.
 * @throws GradcamError `argument` for options out of range.
 * @see Efron and Tibshirani 1993, An Introduction to the Bootstrap, section 13.3
 */
export function bootstrapMean(
  values: readonly (number | null)[],
  { resamples = 2000, level = 0.95, seed = 1 }: BootstrapOptions = {},
): MeanWithInterval | null {
  checkCount('resamples', resamples);
  if (!(level > 0 && level < 1)) {
    throw new GradcamError('argument', `level: expected a share between 0 and 1, got ${level}`);
  }
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return null;
  const random = createRandom(seed);
  const means = Float64Array.from({ length: resamples }, () => {
    let sum = 0;
    for (let i = 0; i < known.length; i++) sum += known[Math.floor(random() * known.length)]!;
    return sum / known.length;
  }).sort();
  return {
    mean: known.reduce((sum, value) => sum + value, 0) / known.length,
    low: quantile(means, (1 - level) / 2),
    high: quantile(means, (1 + level) / 2),
    images: known.length,
    without: values.length - known.length,
    level,
    resamples,
    seed,
  };
}

/** Linear between order statistics, as NumPy's default. */
function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const below = sorted[Math.floor(place)]!;
  const above = sorted[Math.ceil(place)]!;
  return below + (place - Math.floor(place)) * (above - below);
}
