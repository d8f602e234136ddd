import type { NdArray } from '../../base/nd-array.ts';
import { sumCells, weightChannels } from './map-algebra.ts';
import { explainAtLayer, layerMethod } from '../formula.ts';
import type { Method } from '../method.ts';
import type { MethodInputs } from '../shared-pass.ts';

/**
 * Weights of Grad-CAM++: w_k = sum_p alpha_k(p) relu(g_k(p)) with
 * alpha = g^2 / (2 g^2 + g^3 sum_q A_k(q)), which is 1 / (2 + g sum A) where g is not zero.
 *
 * This is equation 19 for y = exp(score), whose derivatives are e^s g, e^s g^2, e^s g^3 where the
 * net is piecewise linear. The common factor e^s only scales the map and overflows float32 for s above
 * 88, so it is left out. A cell has weight 0 where its gradient is 0 or where the denominator is 0, which
 * happens only for a negative sum of activations. Libraries differ: some normalise alpha over the cells,
 * some move the product into the sum.
 *
 * @param gradients g = dS/dA, [rows, columns, channels].
 * @returns one weight for each channel, in float64.
 * @see Chattopadhay et al. 2018, arXiv 1710.11063, equation 19
 */
export function computeGradCamPlusPlusWeights({
  activations,
  gradients,
}: MethodInputs): Float64Array {
  const sums = sumCells(activations);
  const weights = new Float64Array(sums.length);
  for (let i = 0; i < gradients.data.length; i++) {
    const gradient = gradients.data[i]!;
    const k = i % sums.length;
    const denominator = 2 + gradient * sums[k]!;
    if (gradient > 0 && denominator !== 0) weights[k]! += gradient / denominator;
  }
  return weights;
}

/** Grad-CAM++: L = sum_k w_k A_k. The display applies the paper's final ReLU. */
export function computeGradCamPlusPlus(inputs: MethodInputs): NdArray {
  return weightChannels(inputs.activations, computeGradCamPlusPlusWeights(inputs));
}

export const gradCamPlusPlus: Method = {
  ...layerMethod,
  name: 'grad-cam-plus-plus',
  aliases: ['grad-cam++'],
  title: 'Grad-CAM++',
  paper: 'https://arxiv.org/abs/1710.11063',
  summary:
    'As Grad-CAM, but only positive gradients count, each by its own weight: finds several objects.',
  cost: 'as Grad-CAM',
  explain: explainAtLayer(computeGradCamPlusPlus),
};
