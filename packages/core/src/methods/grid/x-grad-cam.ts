import type { NdArray } from '../../base/nd-array.ts';
import { sumCells, sumProductsOverCells, weightChannels } from './map-algebra.ts';
import { explainAtLayer, layerMethod } from '../formula.ts';
import type { Method } from '../method.ts';
import type { MethodInputs } from '../shared-pass.ts';

/**
 * Weights of XGrad-CAM: w_k = sum_p g_k A_k / sum_p A_k, so that the map has the same sum as gradient
 * times activation. A channel whose activations sum to 0 has weight 0. At the output of a ReLU such a
 * channel is zero everywhere. Before a ReLU, positive and negative activations can cancel, and then the
 * weight means little.
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

export const xGradCam: Method = {
  ...layerMethod,
  name: 'xgrad-cam',
  title: 'XGrad-CAM',
  paper: 'https://arxiv.org/abs/2008.02312',
  summary: 'As Grad-CAM, with gradients averaged where the channel is active.',
  cost: 'as Grad-CAM',
  explain: explainAtLayer(computeXGradCam),
};
