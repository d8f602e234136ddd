import type { NdArray } from '../../base/nd-array.ts';
import { sumCells, weightChannels } from './map-algebra.ts';
import type { GridMethod, MethodInputs } from '../method.ts';

/**
 * CAM: L = sum_k W_kc A_k with the weights W of the linear layer that follows the mean over the grid.
 *
 * Such a tail spreads W_kc / N over each of the N cells, so the sum of the gradients over the cells
 * is W_kc: no weight has to be looked up. For any other tail this is N times Grad-CAM and not CAM.
 *
 * @param inputs at the layer before the mean, of a logit.
 * @see Zhou et al. 2016, arXiv 1512.04150, equation 2
 */
export function computeCam({ activations, gradients }: MethodInputs): NdArray {
  return weightChannels(activations, sumCells(gradients));
}

export const cam: GridMethod = {
  kind: 'grid',
  name: 'cam',
  title: 'CAM',
  paper: 'https://arxiv.org/abs/1512.04150',
  summary:
    'The linear layer’s own weights on the last grid; for nets that end in a mean and one layer.',
  relu: true,
  cost: 'as Grad-CAM',
  presumes: 'mean-and-linear-head',
  computeMap: computeCam,
};
