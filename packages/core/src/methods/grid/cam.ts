import type { NdArray } from '../../base/nd-array.ts';
import { sumCells, weightChannels } from './map-algebra.ts';
import { explainAtLayer, layerMethod } from '../formula.ts';
import type { Method } from '../method.ts';
import type { MethodInputs } from '../shared-pass.ts';

/**
 * CAM: L = sum_k W_kc A_k with the weights W of the linear layer that follows the mean over the grid.
 *
 * After such a layer the gradient is W_kc / N in each of the N cells, so its sum over the cells is W_kc
 * and no weight has to be looked up. At any other layer the result is N times Grad-CAM and not CAM.
 *
 * @param inputs values at the layer before the mean, with the gradients of a logit.
 * @see Zhou et al. 2016, arXiv 1512.04150, equation 2
 */
export function computeCam({ activations, gradients }: MethodInputs): NdArray {
  return weightChannels(activations, sumCells(gradients));
}

export const cam: Method = {
  ...layerMethod,
  name: 'cam',
  title: 'CAM',
  paper: 'https://arxiv.org/abs/1512.04150',
  summary:
    'The linear layer’s own weights on the last grid; for nets that end in a mean and one layer.',
  cost: 'as Grad-CAM',
  presumes: 'mean-and-linear-head',
  explain: explainAtLayer(computeCam),
};
