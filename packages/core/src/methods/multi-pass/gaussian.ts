import type { NdArray } from '../../base/nd-array.ts';
import { createRandom } from '../../base/random.ts';
import { GradcamError } from '../../base/errors.ts';

export interface NoiseOptions {
  /** Standard deviation as a share of the input's range (largest minus smallest value); default 0.15. */
  readonly noise?: number;
  /** Seed of the random numbers; the same seed gives the same noise on every platform. Default 1. */
  readonly seed?: number;
}

/**
 * Normally distributed random numbers, made from uniform ones in pairs (Box and Muller 1958): first the
 * number with the cosine, then the one with the sine.
 */
export function createGaussian(seed: number): () => number {
  const random = createRandom(seed);
  let spare: number | null = null;
  return () => {
    if (spare !== null) {
      const value = spare;
      spare = null;
      return value;
    }
    // 1 - u lies in (0, 1], so its logarithm is finite.
    const radius = Math.sqrt(-2 * Math.log(1 - random()));
    const angle = 2 * Math.PI * random();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
}

/**
 * Noisy copies of an input, one after the other.
 *
 * @returns a function that writes the next copy into the given array.
 * @throws GradcamError `argument` for a noise that is negative or not finite.
 */
export function createNoisyInputs(
  input: NdArray,
  { noise = 0.15, seed = 1 }: NoiseOptions = {},
): (copy: Float32Array) => void {
  if (!(noise >= 0 && Number.isFinite(noise))) {
    throw new GradcamError('argument', `noise: expected a share of at least 0, got ${noise}`);
  }
  let least = Infinity;
  let most = -Infinity;
  for (const value of input.data) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  const deviation = noise * (most - least);
  const gaussian = createGaussian(seed);
  return (copy) => {
    for (let i = 0; i < copy.length; i++) copy[i] = input.data[i]! + deviation * gaussian();
  };
}
