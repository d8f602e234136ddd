import type { NdArray } from '../array/nd-array.ts';
import type { Method, MethodInputs } from './method.ts';

/**
 * Weights of Grad-CAM: w_k, the mean of the score's gradient over channel k.
 *
 * @param gradients dy/dA, [rows, columns, channels].
 * @returns one weight for each channel, in float64.
 * @see Selvaraju et al. 2017, arXiv 1610.02391, equation 1
 */
export function computeGradCamWeights(gradients: NdArray): Float64Array {
  const [rows = 1, columns = 1, channels = 1] = gradients.shape;
  const weights = new Float64Array(channels);
  gradients.data.forEach((value, i) => (weights[i % channels]! += value));
  return weights.map((sum) => sum / (rows * columns));
}

/**
 * Weighted sum over channels: sum_k w_k A_k, the map of every method that weights whole channels.
 *
 * @param activations A, [rows, columns, channels].
 * @returns [rows, columns], summed in float64.
 */
export function weightChannels(activations: NdArray, weights: ArrayLike<number>): NdArray {
  const [rows = 1, columns = 1, channels = 1] = activations.shape;
  const data = new Float32Array(rows * columns);
  for (let cell = 0; cell < data.length; cell++) {
    let sum = 0;
    for (let k = 0; k < channels; k++) sum += weights[k]! * activations.data[cell * channels + k]!;
    data[cell] = sum;
  }
  return { shape: [rows, columns], data };
}

/**
 * Grad-CAM: L = sum_k w_k A_k with w_k the mean gradient of channel k. The paper's final ReLU is
 * left to the display, so that the raw map keeps what speaks against the class.
 *
 * @see Selvaraju et al. 2017, arXiv 1610.02391, equations 1 and 2
 */
export function computeGradCam({ activations, gradients }: MethodInputs): NdArray {
  return weightChannels(activations, computeGradCamWeights(gradients));
}

export const gradCam: Method = {
  name: 'grad-cam',
  title: 'Grad-CAM',
  paper: 'https://arxiv.org/abs/1610.02391',
  summary: 'Where the layer sees evidence for the class, weighted by the mean gradient.',
  needs: 'activations-and-gradients',
  relu: true,
  cost: 'one backward run from the scores to the layer',
  computeMap: computeGradCam,
};
