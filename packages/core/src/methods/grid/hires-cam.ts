import type { NdArray } from '../../base/nd-array.ts';
import { sumChannels, sumProductsOverChannels } from './map-algebra.ts';
import { explainAtLayer, layerMethod } from '../formula.ts';
import type { Method } from '../method.ts';
import type { MethodInputs } from '../shared-pass.ts';

/**
 * HiResCAM: L = sum_k g_k A_k, element by element. Nothing is averaged, so each cell shows its own
 * contribution to the score. A ReLU does not change this product, so the map is the same before and after
 * a ReLU.
 *
 * @see Draelos and Carin 2020, arXiv 2011.08891, equation 4
 */
export function computeHiResCam({ activations, gradients }: MethodInputs): NdArray {
  return sumProductsOverChannels(activations, gradients);
}

export const hiResCam: Method = {
  ...layerMethod,
  name: 'hires-cam',
  title: 'HiResCAM',
  paper: 'https://arxiv.org/abs/2011.08891',
  summary: 'What each cell itself gives to the score: gradient times activation, nothing averaged.',
  cost: 'as Grad-CAM',
  explain: explainAtLayer(computeHiResCam),
};

/**
 * HiResCAM without evidence against the class: L = sum_k relu(g_k A_k). Libraries offer this variant; the
 * paper does not have it.
 */
export function computeGradCamElementwise({ activations, gradients }: MethodInputs): NdArray {
  return sumChannels(activations, (activation, i) => Math.max(0, gradients.data[i]! * activation));
}

export const gradCamElementwise: Method = {
  ...layerMethod,
  name: 'grad-cam-elementwise',
  title: 'Grad-CAM, element-wise',
  paper: 'https://arxiv.org/abs/2011.08891',
  summary: 'As HiResCAM, but channels that speak against the class do not count.',
  cost: 'as Grad-CAM',
  explain: explainAtLayer(computeGradCamElementwise),
};
