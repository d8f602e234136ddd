import { explainAtLayer } from '../../methods/formula.ts';
import type { DisplayStep } from '../display-step.ts';
import type { Preset } from '../preset.ts';
import { computeGradCamPlusPlusOfTorchcam } from '../variants/grad-cam-plus-plus.ts';
import { scoreCamLike, scoreCamOfTorchcam } from '../variants/score-cam.ts';
import { computeXGradCamOfTorchcam } from '../variants/x-grad-cam.ts';

/** methods/core.py normalises at layer resolution; utils.py resizes the mask to the image with Pillow. */
const withoutRelu: readonly DisplayStep[] = [
  { step: 'min-max', guard: 1e-8 },
  { step: 'resize', kernel: 'bicubic' },
];

/** @see frgfm/torch-cam: torchcam/methods/core.py, gradient.py, activation.py, torchcam/utils.py */
export const torchcam: Preset = {
  name: 'torchcam',
  source: 'frgfm/torch-cam, 0.5.0.dev (f44afef)',
  score: 'logit',
  tail: 'plain',
  display: [{ step: 'relu' }, ...withoutRelu],
  signed: false,
  // overlay_mask with alpha 0.7, which is the weight of the image.
  overlay: {
    colormap: 'jet',
    steps: 256,
    power: 2,
    stretch: false,
    imageWeight: 0.7,
    colourWeight: 0.3,
    rescale: false,
  },
  methods: {
    'grad-cam': { imitated: true },
    'grad-cam-plus-plus': {
      imitated: true,
      explain: explainAtLayer(computeGradCamPlusPlusOfTorchcam),
      note: 'as its code runs, which differs from its documentation: w = sum g² relu(g)',
    },
    'smooth-grad-cam-plus-plus': {
      imitated: false,
      reason:
        'it takes four samples of its own random numbers, and the factor is the gradient of the last sample',
    },
    'layer-cam': { imitated: true },
    'xgrad-cam': {
      imitated: true,
      explain: explainAtLayer(computeXGradCamOfTorchcam),
      note: '1e-8 in the denominator',
    },
    cam: { imitated: true, display: withoutRelu, note: 'no ReLU' },
    'score-cam': {
      imitated: true,
      explain: scoreCamLike(scoreCamOfTorchcam),
      note: 'masks are scaled by their range before the resize; constant channels count too',
    },
    'finer-cam': { imitated: true },
  },
};
