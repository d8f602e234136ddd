import type { NdArray } from '../../base/nd-array.ts';
import { sumChannels, sumProductsOverChannels } from './map-algebra.ts';
import type { GridMethod, MethodInputs } from '../method.ts';

/**
 * HiResCAM: L = sum_k g_k A_k, element by element. Nothing is averaged, so a cell shows what it gives
 * to the score; and since a ReLU passes exactly this product, it is the same before and after one.
 *
 * @see Draelos and Carin 2020, arXiv 2011.08891, equation 4
 */
export function computeHiResCam({ activations, gradients }: MethodInputs): NdArray {
  return sumProductsOverChannels(activations, gradients);
}

export const hiResCam: GridMethod = {
  kind: 'grid',
  name: 'hires-cam',
  title: 'HiResCAM',
  paper: 'https://arxiv.org/abs/2011.08891',
  summary: 'What each cell itself gives to the score: gradient times activation, nothing averaged.',
  relu: true,
  cost: 'as Grad-CAM',
  computeMap: computeHiResCam,
};

/**
 * HiResCAM without what speaks against the class: L = sum_k relu(g_k A_k). A variant of libraries,
 * not of the paper.
 */
export function computeGradCamElementwise({ activations, gradients }: MethodInputs): NdArray {
  return sumChannels(activations, (activation, i) => Math.max(0, gradients.data[i]! * activation));
}

export const gradCamElementwise: GridMethod = {
  kind: 'grid',
  name: 'grad-cam-elementwise',
  title: 'Grad-CAM, element-wise',
  paper: 'https://arxiv.org/abs/2011.08891',
  summary: 'As HiResCAM, but channels that speak against the class do not count.',
  relu: true,
  cost: 'as Grad-CAM',
  computeMap: computeGradCamElementwise,
};
