import type { NdArray } from '../../base/nd-array.ts';
import type { Session } from '../../engines/port/engine.ts';
import { sumCells, weightChannels } from '../grid/map-algebra.ts';
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

export interface SmoothGradCamPlusPlusOptions extends SeededRunOptions, NoiseOptions {
  /** Name of the node that is explained. */
  readonly layer: string;
  /** Number of noisy inputs; each one is evaluated once. Default 10. */
  readonly samples?: number | undefined;
}

/** Means over noisy inputs of the gradient and its powers, all of one shape. */
export interface GradientPowers {
  /** g */
  readonly first: ArrayLike<number>;
  /** g^2 */
  readonly second: ArrayLike<number>;
  /** g^3 */
  readonly third: ArrayLike<number>;
}

/** Smooth Grad-CAM++ of one seed. */
export interface SmoothGradCamPlusPlus {
  /** The seed's score of the input without noise. */
  readonly score: number;
  /** Raw map [rows, columns], before the ReLU. */
  readonly map: NdArray;
  /** One weight for each channel. */
  readonly weights: Float64Array;
}

/**
 * Weights of Smooth Grad-CAM++: w_k = sum_p alpha_k(p) relu(D1_k(p)) with
 * alpha = D2 / (2 D2 + D3 sum_q A_k(q)), where D1, D2 and D3 are the means of g, g^2 and g^3.
 *
 * As in Grad-CAM++, the factor exp(score) is left out. A cell whose denominator is 0 has weight 0.
 *
 * @param activations A of the input without noise, [rows, columns, channels].
 * @see Omeiza et al. 2019, arXiv 1908.01224, section 3
 */
export function computeSmoothGradCamPlusPlusWeights(
  activations: NdArray,
  { first, second, third }: GradientPowers,
): Float64Array {
  const sums = sumCells(activations);
  return sumCells(activations, (_, i, k) => {
    const denominator = 2 * second[i]! + third[i]! * sums[k]!;
    if (first[i]! <= 0 || denominator === 0) return 0;
    return (second[i]! / denominator) * first[i]!;
  });
}

/**
 * Smooth Grad-CAM++: L = sum_k w_k A_k. The display applies the paper's ReLU. Without noise it is
 * Grad-CAM++.
 *
 * @param input [1, height, width, channels].
 * @returns one result for each seed, all from the same passes.
 */
export async function computeSmoothGradCamPlusPlus(
  session: Session,
  input: NdArray,
  options: SmoothGradCamPlusPlusOptions,
): Promise<SmoothGradCamPlusPlus[]> {
  imageSize(input);
  const { layer, samples = 10 } = options;
  checkCount('samples', samples);
  const addNoise = createNoisyInputs(input, options);
  const { seeds, scores, outputs } = await scoreInput(session, input, options, [layer]);
  const activations = outputs.get(layer)!;
  const powers = seeds.map(() => createPowers(activations.data.length));
  await runInBatches(samples, options, async (_, count) => {
    const noisy = fillBatch(input.shape.slice(1), count, addNoise);
    const gradients = await gradientsAt(session, layer, noisy, seeds);
    gradients.forEach(({ data }, seedIndex) => addPowers(powers[seedIndex]!, data, samples));
  });
  return powers.map((ofSeed, seedIndex) => {
    const weights = computeSmoothGradCamPlusPlusWeights(activations, ofSeed);
    return { score: scores[seedIndex]!, map: weightChannels(activations, weights), weights };
  });
}

type PowerSums = Readonly<Record<keyof GradientPowers, Float64Array>>;

function createPowers(length: number): PowerSums {
  return {
    first: new Float64Array(length),
    second: new Float64Array(length),
    third: new Float64Array(length),
  };
}

function addPowers({ first, second, third }: PowerSums, gradients: Float32Array, n: number): void {
  gradients.forEach((g, i) => {
    const element = i % first.length;
    first[element]! += g / n;
    second[element]! += (g * g) / n;
    third[element]! += (g * g * g) / n;
  });
}

export const smoothGradCamPlusPlus: Method = {
  name: 'smooth-grad-cam-plus-plus',
  aliases: ['smooth-grad-cam++'],
  title: 'Smooth Grad-CAM++',
  paper: 'https://arxiv.org/abs/1908.01224',
  summary: 'Grad-CAM++ with the gradients of noisy copies of the image.',
  cost: 'a forward and a backward run for each of 10 noisy copies',
  map: 'grid',
  relu: true,
  usesLayer: true,
  passes: 'own',
  explain: ({ session, input, runs, ...options }) =>
    computeSmoothGradCamPlusPlus(session, input, { ...options, samples: runs }),
};
