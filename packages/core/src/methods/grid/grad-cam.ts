import type { NdArray } from '../../base/nd-array.ts';
import { sumCells, weightChannels } from './map-algebra.ts';
import { explainAtLayer, layerMethod } from '../formula.ts';
import type { Method } from '../method.ts';
import type { MethodInputs } from '../shared-pass.ts';

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
 * Grad-CAM: L = sum_k w_k A_k, where w_k is the mean gradient of channel k. The display applies the
 * paper's final ReLU, so the raw map also shows evidence against the class.
 *
 * @see Selvaraju et al. 2017, arXiv 1610.02391, equations 1 and 2
 */
export function computeGradCam({ activations, gradients }: MethodInputs): NdArray {
  return weightChannels(activations, computeGradCamWeights(gradients));
}

export const gradCam: Method = {
  ...layerMethod,
  name: 'grad-cam',
  title: 'Grad-CAM',
  paper: 'https://arxiv.org/abs/1610.02391',
  summary: 'Where the layer sees evidence for the class, weighted by the mean gradient.',
  cost: 'one backward run from the scores to the layer',
  explain: explainAtLayer(computeGradCam),
};
