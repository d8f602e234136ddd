import type { NdArray } from '../../base/nd-array.ts';
import { checkCount, fillBatch, imageSize, runInBatches } from '../passes/batched-runs.ts';
import { explainedInput } from '../passes/forward-pass.ts';
import type { Session } from '../../engines/port/engine.ts';
import { createNoisyInputs, type NoiseOptions } from './gaussian.ts';
import { gradientsAt, settleOnInput, type AveragedGradientOptions } from './input-gradients.ts';

export interface SmoothGradOptions extends AveragedGradientOptions, NoiseOptions {
  /** Number of noisy inputs, each one run; default 50, the paper's. */
  readonly samples?: number;
}

/** (2 - 2^-23) 2^127 */
const LARGEST_FLOAT32 = 3.4028234663852886e38;

/** Gradients of one seed's score over noisy inputs, [height, width, channels]: all from the same runs. */
export interface SmoothGrad {
  /** The seed's score of the input without noise. */
  readonly score: number;
  /** SmoothGrad: their mean. */
  readonly mean: NdArray;
  /** SmoothGrad-squared: the mean of their squares. */
  readonly squared: NdArray;
  /** VarGrad: their variance, over all samples (not one less); squared = mean^2 + variance. */
  readonly variance: NdArray;
}

/**
 * SmoothGrad: 1/n sum_i dy/dx (x + e_i), e_i normal; with the squares and the variance of the same
 * gradients.
 *
 * @param input [1, height, width, channels].
 * @returns one for each seed.
 * @see Smilkov et al. 2017, arXiv 1706.03825, section 3; squares: Hooker et al. 2019, arXiv 1806.10758;
 *   variance: Adebayo et al. 2018, arXiv 1810.03307
 */
export async function computeSmoothGrad(
  session: Session,
  input: NdArray,
  options: SmoothGradOptions,
): Promise<SmoothGrad[]> {
  imageSize(input);
  const { samples = 50, others } = options;
  checkCount('samples', samples);
  const addNoise = createNoisyInputs(input, options);
  const node = explainedInput(session, others);
  const { seeds, scores } = await settleOnInput(session, input, options);
  const shape = input.shape.slice(1);
  const moments = seeds.map(() => createMoments(input.data.length));
  await runInBatches(samples, options, async (_, count) => {
    const noisy = fillBatch(shape, count, addNoise);
    const gradients = await gradientsAt(session, noisy, node, seeds, others);
    gradients.forEach(({ data }, s) => addSamples(moments[s]!, data));
  });
  return moments.map(({ mean, squares }, s) => ({
    score: scores[s]!,
    mean: { shape, data: Float32Array.from(mean) },
    squared: {
      shape,
      data: Float32Array.from(squares, (sum, i) => saturate(mean[i]! ** 2 + sum / samples)),
    },
    variance: { shape, data: Float32Array.from(squares, (sum) => saturate(sum / samples)) },
  }));
}

/** The square of a gradient above 1.8e19 is beyond float32: it becomes the largest there is. */
function saturate(value: number): number {
  return Math.min(value, LARGEST_FLOAT32);
}

interface Moments {
  count: number;
  readonly mean: Float64Array;
  /** Sum of squared distances from the mean so far. */
  readonly squares: Float64Array;
}

function createMoments(length: number): Moments {
  return { count: 0, mean: new Float64Array(length), squares: new Float64Array(length) };
}

/**
 * Welford's update: the difference of two large sums, which the textbook variance is, would leave
 * noise, even negative, where all gradients are equal.
 */
function addSamples(moments: Moments, samples: Float32Array): void {
  const { mean, squares } = moments;
  for (let start = 0; start < samples.length; start += mean.length) {
    moments.count++;
    for (let i = 0; i < mean.length; i++) {
      const value = samples[start + i]!;
      const difference = value - mean[i]!;
      mean[i]! += difference / moments.count;
      squares[i]! += difference * (value - mean[i]!);
    }
  }
}
