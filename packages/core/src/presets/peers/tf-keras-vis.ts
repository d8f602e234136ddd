import type { DisplayStep } from '../display-step.ts';
import type { Preset } from '../preset.ts';
import { computeGradCamPlusPlusOfTfKerasVis } from '../variants/grad-cam-plus-plus.ts';
import { scoreCamLike, scoreCamOfTfKerasVis } from '../variants/score-cam.ts';

const byRange: DisplayStep = { step: 'min-max', guard: 1e-7 };

/** saliency.py: the largest magnitude of a pixel's channels. */
const saliency: readonly DisplayStep[] = [
  { step: 'absolute' },
  { step: 'merge', by: 'max' },
  byRange,
];

/** @see keisen/tf-keras-vis: gradcam.py, gradcam_plus_plus.py, layercam.py, saliency.py */
export const tfKerasVis: Preset = {
  name: 'tf-keras-vis',
  source: 'keisen/tf-keras-vis, 0.8.8 (8bb8392)',
  // Its examples replace the softmax, which the logit target says; the library itself does not.
  score: 'probability',
  tail: 'plain',
  // scipy.ndimage.zoom of order 1
  display: [{ step: 'relu' }, { step: 'resize', kernel: 'align-corners' }, byRange],
  signed: false,
  // The library draws nothing; this is how its examples do it.
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
      gridMap: computeGradCamPlusPlusOfTfKerasVis,
      note: 'alphas divided by their sum over all cells',
    },
    'hires-cam': { imitated: true, note: 'its LayerCAM without a gradient modifier' },
    'layer-cam': { imitated: true },
    'score-cam': {
      imitated: true,
      runMaps: scoreCamLike(scoreCamOfTfKerasVis),
      note: 'weights are a second softmax over the classes, of the masked images’ outputs',
    },
    gradient: { imitated: true, display: saliency },
    'guided-backprop': { imitated: true, display: saliency },
    smoothgrad: { imitated: false, reason: 'its random numbers are NumPy’s' },
  },
};
