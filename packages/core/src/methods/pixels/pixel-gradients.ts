import type { NdArray } from '../../base/nd-array.ts';
import { resampleImage, resampleTaps } from '../../image/resample.ts';
import { computeGradCam } from '../grid/grad-cam.ts';
import type { PixelInputs, PixelMethod } from '../method.ts';

/** Values of the input times the gradient there; for a net without biases they sum to the score. */
export function computeInputTimesGradient({
  input,
  inputGradients,
}: Pick<PixelInputs, 'input' | 'inputGradients'>): NdArray {
  const { shape, data } = inputGradients;
  return { shape, data: data.map((value, i) => value * input.data[i]!) };
}

/**
 * Guided Grad-CAM: guided backpropagation times the positive part of Grad-CAM, which is brought to
 * the input's size half-pixel bilinear.
 *
 * @see Selvaraju et al. 2017, arXiv 1610.02391, section 3.2
 */
export function computeGuidedGradCam({
  inputGradients,
  layer,
}: Pick<PixelInputs, 'inputGradients' | 'layer'>): NdArray {
  const [height = 1, width = 1, channels = 1] = inputGradients.shape;
  const map = computeGradCam(layer);
  const [rows = 1, columns = 1] = map.shape;
  const data = map.data.map((value) => Math.max(0, value));
  const down = resampleTaps(rows, { start: 0, length: rows }, height);
  const across = resampleTaps(columns, { start: 0, length: columns }, width);
  const cam = resampleImage({ width: columns, height: rows, channels: 1, data }, down, across);
  return {
    shape: inputGradients.shape,
    data: inputGradients.data.map((value, i) => value * cam[Math.floor(i / channels)]!),
  };
}

const atInput = {
  kind: 'pixels',
  relu: false,
  usesLayer: false,
  cost: 'one backward run through the whole net',
  computeMap: ({ inputGradients }: PixelInputs): NdArray => inputGradients,
} as const;

export const gradient: PixelMethod = {
  ...atInput,
  name: 'gradient',
  aliases: ['saliency', 'vanilla-gradient'],
  title: 'Gradient',
  paper: 'https://arxiv.org/abs/1312.6034',
  summary: 'How the score changes with each pixel.',
  policy: 'plain',
};

export const inputTimesGradient: PixelMethod = {
  ...atInput,
  name: 'input-x-gradient',
  aliases: ['input-times-gradient', 'gradient-x-input'],
  title: 'Input times gradient',
  paper: 'https://arxiv.org/abs/1605.01713',
  summary: 'What each pixel gives to the score, to first order.',
  policy: 'plain',
  computeMap: computeInputTimesGradient,
};

export const guidedBackprop: PixelMethod = {
  ...atInput,
  name: 'guided-backprop',
  aliases: ['guided-backpropagation', 'gbp'],
  title: 'Guided backpropagation',
  paper: 'https://arxiv.org/abs/1412.6806',
  summary: 'Fine detail that excites the score; nearly the same for every class.',
  policy: 'guided',
};

export const deconvnet: PixelMethod = {
  ...atInput,
  name: 'deconvnet',
  title: 'Deconvnet',
  paper: 'https://arxiv.org/abs/1311.2901',
  summary: 'The score projected back through positive gradients alone.',
  policy: 'deconvnet',
};

export const guidedGradCam: PixelMethod = {
  ...atInput,
  name: 'guided-grad-cam',
  title: 'Guided Grad-CAM',
  paper: 'https://arxiv.org/abs/1610.02391',
  summary: 'Guided backpropagation where Grad-CAM sees the class.',
  policy: 'guided',
  usesLayer: true,
  cost: 'a plain and a guided backward run',
  computeMap: computeGuidedGradCam,
};
