import type { NdArray } from '../../base/nd-array.ts';
import { sumCells, weightChannels } from './map-algebra.ts';
import type { GridMethod, MethodInputs } from '../method.ts';

/**
 * Weights of Grad-CAM: w_k, the mean of the score's gradient over channel k.
 *
 * @param gradients dy/dA, [rows, columns, channels].
 * @returns one weight for each channel, in float64.
 * @see Selvaraju et al. 2017, arXiv 1610.02391, equation 1
 */
export function computeGradCamWeights(gradients: NdArray): Float64Array {
  const [rows = 1, columns = 1] = gradients.shape;
  return sumCells(gradients).map((sum) => sum / (rows * columns));
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

export const gradCam: GridMethod = {
  kind: 'grid',
  name: 'grad-cam',
  title: 'Grad-CAM',
  paper: 'https://arxiv.org/abs/1610.02391',
  summary: 'Where the layer sees evidence for the class, weighted by the mean gradient.',
  relu: true,
  cost: 'one backward run from the scores to the layer',
  computeMap: computeGradCam,
};
