import { explainAtInput } from '../../methods/formula.ts';
import type { DisplayStep } from '../display-step.ts';
import type { Preset } from '../preset.ts';
import { guideByMap } from '../variants/guided-grad-cam.ts';

const display: readonly DisplayStep[] = [
  { step: 'relu' },
  { step: 'divide-by-max' },
  { step: 'resize', kernel: 'half-pixel-zero-border' },
];

const byRange: readonly DisplayStep[] = [{ step: 'min-max', guard: 0 }];

/**
 * The program builds the whole graph with guided ReLUs, so the weights of its Grad-CAM are guided
 * gradients. Its guided backpropagation starts at the loss.
 *
 * @see insikk/Grad-CAM-tensorflow: utils.py and the notebooks of VGG16 and ResNet-50
 */
export const insikk: Preset = {
  name: 'insikk',
  source: 'insikk/Grad-CAM-tensorflow, with scikit-image before 0.15 (10ea1c1)',
  score: 'logit',
  tail: 'guided',
  display,
  signed: false,
  // The notebooks show the coloured map alone, beside the image.
  overlay: {
    colormap: 'jet',
    steps: 255,
    power: 1,
    stretch: false,
    imageWeight: 0,
    colourWeight: 1,
    rescale: false,
  },
  methods: {
    'grad-cam': {
      imitated: true,
      note: 'weights are guided gradients; the map fades at the border',
    },
    'guided-backprop': {
      imitated: true,
      inputScore: 'negative-log-probability',
      display: byRange,
      note: 'gradients of the loss instead of the score, so that evidence for the class is cut off',
    },
    'guided-grad-cam': {
      imitated: true,
      inputScore: 'negative-log-probability',
      explain: explainAtInput('guided', (inputs) => guideByMap(inputs, display, byRange)),
      display: [],
      note: 'grey gradients times the displayed map',
    },
  },
};
