import type { NdArray } from '../../base/nd-array.ts';
import type { Session } from '../../engines/port/engine.ts';
import type { Method } from '../method.ts';
import {
  checkCount,
  fillBatch,
  imageSize,
  runInBatches,
  type SeededRunOptions,
} from '../passes/batched-runs.ts';
import { gradientsAt, scoreInput } from '../passes/seed-gradients.ts';
import { createNoisyInputs, type NoiseOptions } from './gaussian.ts';

export interface SmoothGradOptions extends SeededRunOptions, NoiseOptions {
  /** Number of noisy inputs; each one is evaluated once. Default 50, as in the paper. */
  readonly samples?: number | undefined;
}

/** (2 - 2^-23) 2^127 */
const LARGEST_FLOAT32 = 3.4028234663852886e38;

/** Statistics of the gradients of one seed's score over noisy inputs, each [height, width, channels]. */
export interface SmoothGrad {
  /** The seed's score of the input without noise. */
  readonly score: number;
  /** SmoothGrad: the mean of the gradients. */
  readonly mean: NdArray;
  /** SmoothGrad-squared: the mean of their squares. */
  readonly squared: NdArray;
  /** VarGrad: their variance, divided by n (not n - 1); so squared = mean^2 + variance. */
  readonly variance: NdArray;
}

/**
 * SmoothGrad: 1/n sum_i dy/dx (x + e_i) with normally distributed e_i, together with the mean square and
 * the variance of the same gradients.
 *
 * @param input [1, height, width, channels].
 * @returns one result for each seed, all from the same passes.
 * @see Smilkov et al. 2017, arXiv 1706.03825, section 3; squares: Hooker et al. 2019, arXiv 1806.10758;
 *   variance: Adebayo et al. 2018, arXiv 1810.03307
 */
export async function computeSmoothGrad(
  session: Session,
  input: NdArray,
  options: SmoothGradOptions,
): Promise<SmoothGrad[]> {
  imageSize(input);
  const { samples = 50 } = options;
  checkCount('samples', samples);
  const addNoise = createNoisyInputs(input, options);
  const node = session.network.inputs[0]!;
  const { seeds, scores } = await scoreInput(session, input, options);
  const shape = input.shape.slice(1);
  const moments = seeds.map(() => createMoments(input.data.length));
  await runInBatches(samples, options, async (_, count) => {
    const noisy = fillBatch(shape, count, addNoise);
    const gradients = await gradientsAt(session, node, noisy, seeds);
    gradients.forEach(({ data }, seedIndex) => addSamples(moments[seedIndex]!, data));
  });
  return moments.map(({ mean, squares }, seedIndex) => ({
    score: scores[seedIndex]!,
    mean: { shape, data: Float32Array.from(mean) },
    squared: {
      shape,
      data: Float32Array.from(squares, (sum, i) => saturate(mean[i]! ** 2 + sum / samples)),
    },
    variance: { shape, data: Float32Array.from(squares, (sum) => saturate(sum / samples)) },
  }));
}

/** The square of a gradient above 1.8e19 exceeds float32, so it becomes the largest finite number. */
function saturate(value: number): number {
  return Math.min(value, LARGEST_FLOAT32);
}

interface Moments {
  count: number;
  readonly mean: Float64Array;
  /** Sum of the squared distances from the mean of the samples so far. */
  readonly squares: Float64Array;
}

function createMoments(length: number): Moments {
  return { count: 0, mean: new Float64Array(length), squares: new Float64Array(length) };
}

/**
 * Adds samples by Welford's update. The textbook variance is the difference of two large sums; where all
 * gradients are equal, that difference would be rounding noise, which may even be negative.
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

function showStatistic(
  statistic: 'mean' | 'squared' | 'variance',
  facts: Pick<Method, 'name' | 'aliases' | 'title' | 'paper' | 'summary'>,
): Method {
  return {
    ...facts,
    cost: 'a forward and a backward run through the whole net for each of 50 noisy copies',
    map: 'pixels',
    relu: false,
    usesLayer: false,
    passes: 'own',
    async explain({ session, input, runs, ...options }) {
      const found = await computeSmoothGrad(session, input, { ...options, samples: runs });
      return found.map((ofSeed) => ({ map: ofSeed[statistic] }));
    },
  };
}

export const smoothGrad = showStatistic('mean', {
  name: 'smoothgrad',
  aliases: ['smooth-grad'],
  title: 'SmoothGrad',
  paper: 'https://arxiv.org/abs/1706.03825',
  summary: 'The mean gradient over noisy copies of the image: less noise than one gradient.',
});

export const smoothGradSquared = showStatistic('squared', {
  name: 'smoothgrad-squared',
  title: 'SmoothGrad squared',
  paper: 'https://arxiv.org/abs/1806.10758',
  summary: 'The mean squared gradient over noisy copies of the image; has no sign.',
});

export const varGrad = showStatistic('variance', {
  name: 'vargrad',
  title: 'VarGrad',
  paper: 'https://arxiv.org/abs/1810.03307',
  summary: 'The variance of the gradient over noisy copies of the image; has no sign.',
});
