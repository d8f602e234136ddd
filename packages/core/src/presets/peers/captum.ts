import type { DisplayStep } from '../display-step.ts';
import { computeIntegratedGradients } from '../../methods/multi-pass/integrated-gradients.ts';
import type { PeerRun, Preset } from '../preset.ts';
import { guideByMap } from '../variants/guided-grad-cam.ts';

/** visualization.py shows the sum over a pixel's channels. */
const summed: readonly DisplayStep[] = [{ step: 'merge', by: 'sum' }];

/** LayerAttribution.interpolate */
const blocks: DisplayStep = { step: 'resize', kernel: 'nearest' };

/** captum/attr/_core/integrated_gradients.py: fifty steps, from zeros. */
const integratedGradientsOfCaptum: PeerRun = async (session, input, { runs = 50, ...options }) => {
  const rule = 'gauss-legendre';
  const found = await computeIntegratedGradients(session, input, { ...options, steps: runs, rule });
  return found.map(({ map }) => map);
};

/** @see pytorch/captum: captum/attr/_core/layer/grad_cam.py, guided_grad_cam.py, saliency.py */
export const captum: Preset = {
  name: 'captum',
  source: 'pytorch/captum (faac0877)',
  score: 'logit',
  tail: 'plain',
  display: [blocks],
  signed: true,
  // visualize_image_attr: the map alone, of both signs
  overlay: {
    colormap: 'diverging',
    steps: 255,
    power: 1,
    stretch: false,
    imageWeight: 0,
    colourWeight: 1,
    rescale: false,
  },
  methods: {
    'grad-cam': { imitated: true, note: 'no ReLU, not normalised' },
    'ablation-cam': {
      imitated: false,
      reason: 'it has the ablation of a layer’s parts, not the weighted map',
    },
    gradient: { imitated: true, display: [{ step: 'absolute' }, ...summed] },
    'input-x-gradient': { imitated: true, display: summed },
    'guided-backprop': { imitated: true, display: summed },
    deconvnet: { imitated: true, display: summed },
    'guided-grad-cam': {
      imitated: true,
      pixelMap: (inputs) => guideByMap(inputs, [{ step: 'relu' }, blocks]),
      display: summed,
      note: 'the map enlarged in blocks',
    },
    smoothgrad: { imitated: false, reason: 'five samples of noise with deviation 1' },
    'integrated-gradients': {
      imitated: true,
      runMaps: integratedGradientsOfCaptum,
      display: summed,
      note: 'points by the Gauss-Legendre rule',
    },
    occlusion: { imitated: false, reason: 'window and stride have no default' },
  },
};
