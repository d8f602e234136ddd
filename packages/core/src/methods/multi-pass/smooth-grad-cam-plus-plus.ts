import type { NdArray } from '../../base/nd-array.ts';
import { checkCount, fillBatch, imageSize, runInBatches } from '../passes/batched-runs.ts';
import type { Session } from '../../engines/port/engine.ts';
import { sumCells, weightChannels } from '../grid/map-algebra.ts';
import { createNoisyInputs, type NoiseOptions } from './gaussian.ts';
import { gradientsAt, settleOnInput, type AveragedGradientOptions } from './input-gradients.ts';

export interface SmoothGradCamPlusPlusOptions extends AveragedGradientOptions, NoiseOptions {
  /** Node that is explained. */
  readonly layer: string;
  /** Number of noisy inputs, each one run; default 10. */
  readonly samples?: number;
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
  readonly weights: Float64Array;
}

/**
 * Weights of Smooth Grad-CAM++: w_k = sum_p alpha_k(p) relu(D1_k(p)) with
 * alpha = D2 / (2 D2 + D3 sum_q A_k(q)), D1, D2 and D3 being the means of g, g^2 and g^3.
 *
 * As in Grad-CAM++ the factor exp(score) is left out; a cell whose denominator vanishes has weight 0.
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
 * Smooth Grad-CAM++: L = sum_k w_k A_k, the paper's ReLU left to the display. Without noise it is
 * Grad-CAM++.
 *
 * @param input [1, height, width, channels].
 * @returns one for each seed.
 */
export async function computeSmoothGradCamPlusPlus(
  session: Session,
  input: NdArray,
  options: SmoothGradCamPlusPlusOptions,
): Promise<SmoothGradCamPlusPlus[]> {
  imageSize(input);
  const { layer, samples = 10, others } = options;
  checkCount('samples', samples);
  const addNoise = createNoisyInputs(input, options);
  const settled = await settleOnInput(session, input, options, [layer]);
  const activations = settled.outputs.get(layer)!;
  const powers = settled.seeds.map(() => createPowers(activations.data.length));
  await runInBatches(samples, options, async (_, count) => {
    const noisy = fillBatch(input.shape.slice(1), count, addNoise);
    const gradients = await gradientsAt(session, noisy, layer, settled.seeds, others);
    gradients.forEach(({ data }, s) => addPowers(powers[s]!, data, samples));
  });
  return powers.map((own, s) => {
    const weights = computeSmoothGradCamPlusPlusWeights(activations, own);
    return { score: settled.scores[s]!, map: weightChannels(activations, weights), weights };
  });
}

type PowerSums = Readonly<Record<keyof GradientPowers, Float64Array>>;

function createPowers(length: number): PowerSums {
  const [first, second, third] = [0, 0, 0].map(() => new Float64Array(length)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  return { first, second, third };
}

function addPowers({ first, second, third }: PowerSums, gradients: Float32Array, n: number): void {
  gradients.forEach((g, i) => {
    const place = i % first.length;
    first[place]! += g / n;
    second[place]! += (g * g) / n;
    third[place]! += (g * g * g) / n;
  });
}
