import { explainAtLayer } from '../../methods/formula.ts';
import type { DisplayStep } from '../display-step.ts';
import type { Preset } from '../preset.ts';
import { computeGradCamPlusPlusOfTfKerasVis } from '../variants/grad-cam-plus-plus.ts';
import { scoreCamLike, scoreCamOfTfKerasVis } from '../variants/score-cam.ts';

const byRange: DisplayStep = { step: 'min-max', guard: 1e-7 };

/** saliency.py takes the largest magnitude over the channels of a pixel. */
const saliency: readonly DisplayStep[] = [
  { step: 'absolute' },
  { step: 'merge', by: 'max' },
  byRange,
];

/** @see keisen/tf-keras-vis: gradcam.py, gradcam_plus_plus.py, layercam.py, saliency.py */
export const tfKerasVis: Preset = {
  name: 'tf-keras-vis',
  source: 'keisen/tf-keras-vis, 0.8.8 (8bb8392)',
  // The library differentiates the model's output. Only its examples replace the softmax to get logits.
  score: 'probability',
  tail: 'plain',
  // scipy.ndimage.zoom of order 1 aligns the corners.
  display: [{ step: 'relu' }, { step: 'resize', kernel: 'align-corners' }, byRange],
  signed: false,
  // The library draws no picture; this is the overlay of its examples.
  overlay: {
    colormap: 'jet',
    steps: 256,
    power: 1,
    stretch: false,
    imageWeight: 0.5,
    colourWeight: 0.5,
    rescale: false,
  },
  methods: {
    'grad-cam': { imitated: true },
    'grad-cam-plus-plus': {
      imitated: true,
      explain: explainAtLayer(computeGradCamPlusPlusOfTfKerasVis),
      note: 'alphas divided by their sum over all cells',
    },
    'hires-cam': { imitated: true, note: 'its LayerCAM without a gradient modifier' },
    'layer-cam': { imitated: true },
    'score-cam': {
      imitated: true,
      explain: scoreCamLike(scoreCamOfTfKerasVis),
      note: 'weights are a second softmax over the classes, applied to the outputs for the masked images',
    },
    gradient: { imitated: true, display: saliency },
    'guided-backprop': {
      imitated: true,
      relus: 'function',
      display: saliency,
      note: 'it replaces the function relu of layers; layers ReLU, and ReLU6, keep their derivative',
    },
    smoothgrad: { imitated: false, reason: 'its random numbers are NumPy’s' },
  },
};

/** With `model_modifier=ReplaceToLinear()`, as in its examples, the score is the logit. */
export const tfKerasVisLogits: Preset = {
  ...tfKerasVis,
  name: 'tf-keras-vis:logits',
  score: 'logit',
};
