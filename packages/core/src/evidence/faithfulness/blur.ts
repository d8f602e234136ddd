import type { NdArray } from '../../base/nd-array.ts';
import { imageSize } from '../../methods/passes/batched-runs.ts';

/** RISE's blur for its insertion game: 11 taps of a Gaussian with a deviation of 5 pixels. */
const TAPS = 11;
const DEVIATION = 5;

/** SciPy's `gaussian_filter` ends a Gaussian at four deviations. */
const TRUNCATE = 4;

/**
 * Blurs an input as RISE's published evaluation does. Its kernel is an impulse in 11 x 11 pixels, filtered by
 * SciPy with reflection at the borders, so that the Gaussian's tails are folded back. The convolution adds
 * zeros around the image: in a model's own scale, that is the mean colour.
 *
 * @param input [1, height, width, channels].
 * @returns the blurred values, of the same shape.
 * @see Petsiuk et al. 2018, arXiv 1806.07421, section 4.3; `gkern(11, 5)` of the authors' `evaluation.py`
 */
export function blurLikeRise(input: NdArray): NdArray {
  const [height, width, channels] = imageSize(input);
  const kernel = foldedGaussian();
  const row = width * channels;
  const across = convolve(input.data, kernel, { lines: height, line: row, step: channels });
  const data = new Float32Array(across.length);
  for (let y = 0; y < height; y++) {
    for (let tap = 0; tap < TAPS; tap++) {
      const from = y + tap - (TAPS - 1) / 2;
      if (from < 0 || from >= height) continue;
      for (let i = 0; i < row; i++) data[y * row + i]! += kernel[tap]! * across[from * row + i]!;
    }
  }
  return { shape: input.shape, data };
}

/** Filters each line along itself; neighbours are `step` values apart, and outside the line are zeros. */
function convolve(
  values: Float32Array,
  kernel: Float64Array,
  { lines, line, step }: Record<'lines' | 'line' | 'step', number>,
): Float64Array {
  const result = new Float64Array(values.length);
  for (let y = 0; y < lines; y++) {
    for (let i = 0; i < line; i++) {
      let sum = 0;
      for (let tap = 0; tap < TAPS; tap++) {
        const from = i + (tap - (TAPS - 1) / 2) * step;
        if (from >= 0 && from < line) sum += kernel[tap]! * values[y * line + from]!;
      }
      result[y * line + i] = sum;
    }
  }
  return result;
}

/** The response of SciPy's filter to an impulse in the middle of 11 samples. */
function foldedGaussian(): Float64Array {
  const reach = TRUNCATE * DEVIATION;
  const gaussian = Float64Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.exp(-0.5 * ((i - reach) / DEVIATION) ** 2),
  );
  const sum = gaussian.reduce((total, value) => total + value, 0);
  const middle = (TAPS - 1) / 2;
  return Float64Array.from({ length: TAPS }, (_, place) => {
    let response = 0;
    for (let offset = -reach; offset <= reach; offset++) {
      if (reflect(place + offset) === middle) response += gaussian[offset + reach]! / sum;
    }
    return response;
  });
}

/** The sample that a place outside of 0..10 mirrors, the border sample repeated: d c b a | a b c d. */
function reflect(place: number): number {
  const period = 2 * TAPS;
  const inside = ((place % period) + period) % period;
  return inside < TAPS ? inside : period - 1 - inside;
}
