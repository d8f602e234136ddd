import { explainAtInput } from '../../methods/formula.ts';
import type { Method } from '../../methods/method.ts';
import { computeIntegratedGradients } from '../../methods/multi-pass/integrated-gradients.ts';
import type { DisplayStep } from '../display-step.ts';
import type { Preset } from '../preset.ts';
import { guideByMap } from '../variants/guided-grad-cam.ts';

/** visualization.py shows the sum over the channels of a pixel. */
const summed: readonly DisplayStep[] = [{ step: 'merge', by: 'sum' }];

/** LayerAttribution.interpolate enlarges without interpolation. */
const blocks: DisplayStep = { step: 'resize', kernel: 'nearest' };

const reluModules = 'it hooks ReLU modules; ReLU6 keeps its derivative';

/** captum/attr/_core/integrated_gradients.py: fifty steps from a baseline of zeros. */
const integratedGradientsOfCaptum: Method['explain'] = ({ session, input, runs, ...options }) =>
  computeIntegratedGradients(session, input, { ...options, steps: runs, rule: 'gauss-legendre' });

/** @see pytorch/captum: captum/attr/_core/layer/grad_cam.py, guided_grad_cam.py, saliency.py */
export const captum: Preset = {
  name: 'captum',
  source: 'pytorch/captum (faac0877)',
  score: 'logit',
  tail: 'plain',
  display: [blocks],
  signed: true,
  // visualize_image_attr shows the map alone; its default are absolute values in matplotlib's Blues.
  overlay: {
    colormap: 'blues',
    steps: 256,
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
      reason: 'it ablates parts of a layer but does not compute the weighted map',
    },
    gradient: { imitated: true, display: [{ step: 'absolute' }, ...summed] },
    'input-x-gradient': { imitated: true, display: summed },
    'guided-backprop': { imitated: true, relus: 'unbounded', display: summed, note: reluModules },
    deconvnet: { imitated: true, relus: 'unbounded', display: summed, note: reluModules },
    'guided-grad-cam': {
      imitated: true,
      relus: 'unbounded',
      explain: explainAtInput('guided', (inputs) => guideByMap(inputs, [{ step: 'relu' }, blocks])),
      display: summed,
      note: `the map is enlarged in blocks; ${reluModules}`,
    },
    smoothgrad: {
      imitated: false,
      reason: 'it takes five samples of noise with a standard deviation of 1',
    },
    'integrated-gradients': {
      imitated: true,
      explain: integratedGradientsOfCaptum,
      display: summed,
      note: 'the points follow the Gauss-Legendre rule',
    },
    occlusion: { imitated: false, reason: 'window and stride have no default' },
  },
};

/** With `sign='all'`: red against, green for. */
export const captumSigned: Preset = {
  ...captum,
  name: 'captum:signed',
  overlay: { ...captum.overlay, colormap: 'red-white-green' },
};
