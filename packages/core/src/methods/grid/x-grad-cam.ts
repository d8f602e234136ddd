import type { NdArray } from '../../base/nd-array.ts';
import { sumCells, sumProductsOverCells, weightChannels } from './map-algebra.ts';
import type { GridMethod, MethodInputs } from '../method.ts';

/**
 * Weights of XGrad-CAM: w_k = sum_p g_k A_k / sum_p A_k, so that the map sums to what gradient times
 * activation sums to. A channel that sums to nothing has weight 0: after a ReLU it is silent. Before
 * one the sum can be near zero without the channel being silent, and the weight means little.
 *
 * @returns one weight for each channel, in float64.
 * @see Fu et al. 2020, arXiv 2008.02312, equation 8
 */
export function computeXGradCamWeights({ activations, gradients }: MethodInputs): Float64Array {
  const totals = sumCells(activations);
  const products = sumProductsOverCells(activations, gradients);
  return products.map((product, k) => (totals[k] === 0 ? 0 : product / totals[k]!));
}

/** XGrad-CAM: L = sum_k w_k A_k. */
export function computeXGradCam(inputs: MethodInputs): NdArray {
  return weightChannels(inputs.activations, computeXGradCamWeights(inputs));
}

export const xGradCam: GridMethod = {
  kind: 'grid',
  name: 'xgrad-cam',
  title: 'XGrad-CAM',
  paper: 'https://arxiv.org/abs/2008.02312',
  summary: 'As Grad-CAM, with gradients averaged where the channel is active.',
  relu: true,
  cost: 'as Grad-CAM',
  computeMap: computeXGradCam,
};
