import type { NdArray } from '../../base/nd-array.ts';
import { enlargeMap } from '../../image/enlarge-map.ts';
import type { ReluPolicy } from '../../network/op.ts';
import { computeGradCam } from '../grid/grad-cam.ts';
import { explainAtInput } from '../formula.ts';
import type { Method } from '../method.ts';
import type { PixelInputs } from '../shared-pass.ts';

/** Input times gradient, for each value. For a net without biases these products sum to the score. */
export function computeInputTimesGradient({
  input,
  inputGradients,
}: Pick<PixelInputs, 'input' | 'inputGradients'>): NdArray {
  const { shape, data } = inputGradients;
  return { shape, data: data.map((value, i) => value * input.data[i]!) };
}

/**
 * Guided Grad-CAM: guided backpropagation times the positive part of Grad-CAM, which is enlarged to the
 * input's size (bilinear, half-pixel).
 *
 * @see Selvaraju et al. 2017, arXiv 1610.02391, section 3.2
 */
export function computeGuidedGradCam({
  inputGradients,
  layer,
}: Pick<PixelInputs, 'inputGradients' | 'layer'>): NdArray {
  const [height = 1, width = 1, channels = 1] = inputGradients.shape;
  const { shape, data } = computeGradCam(layer);
  const positive = { shape, data: data.map((value) => Math.max(0, value)) };
  const cam = enlargeMap(positive, [height, width]);
  return {
    shape: inputGradients.shape,
    data: inputGradients.data.map((value, i) => value * cam[Math.floor(i / channels)]!),
  };
}

/** The facts that all methods with gradients at the input have in common, and their formula. */
function atInput(
  policy: ReluPolicy,
  formula: (inputs: PixelInputs) => NdArray = ({ inputGradients }) => inputGradients,
): Pick<Method, 'map' | 'relu' | 'usesLayer' | 'passes' | 'cost' | 'inputPolicy' | 'explain'> {
  return {
    map: 'pixels',
    relu: false,
    usesLayer: false,
    passes: 'shared',
    cost: 'one backward run through the whole net',
    inputPolicy: policy,
    explain: explainAtInput(policy, formula),
  };
}

export const gradient: Method = {
  ...atInput('plain'),
  name: 'gradient',
  aliases: ['saliency', 'vanilla-gradient'],
  title: 'Gradient',
  paper: 'https://arxiv.org/abs/1312.6034',
  summary: 'How the score changes with each pixel.',
};

export const inputTimesGradient: Method = {
  ...atInput('plain', computeInputTimesGradient),
  name: 'input-x-gradient',
  aliases: ['input-times-gradient', 'gradient-x-input'],
  title: 'Input times gradient',
  paper: 'https://arxiv.org/abs/1605.01713',
  summary: 'What each pixel gives to the score, to first order.',
};

export const guidedBackprop: Method = {
  ...atInput('guided'),
  name: 'guided-backprop',
  aliases: ['guided-backpropagation', 'gbp'],
  title: 'Guided backpropagation',
  paper: 'https://arxiv.org/abs/1412.6806',
  summary: 'Fine detail that excites the score; nearly the same for every class.',
};

export const deconvnet: Method = {
  ...atInput('deconvnet'),
  name: 'deconvnet',
  title: 'Deconvnet',
  paper: 'https://arxiv.org/abs/1311.2901',
  summary: 'The score projected back through positive gradients alone.',
};

export const guidedGradCam: Method = {
  ...atInput('guided', computeGuidedGradCam),
  name: 'guided-grad-cam',
  title: 'Guided Grad-CAM',
  paper: 'https://arxiv.org/abs/1610.02391',
  summary: 'Guided backpropagation where Grad-CAM sees the class.',
  usesLayer: true,
  cost: 'a plain and a guided backward run',
};
