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
 * The whole graph is built with guided ReLUs, so that the weights of its Grad-CAM are guided
 * gradients; guided backpropagation is of the loss.
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
  // The coloured map alone, beside the image.
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
      note: 'of the loss, so that what speaks for the class is cut',
    },
    'guided-grad-cam': {
      imitated: true,
      inputScore: 'negative-log-probability',
      pixelMap: (inputs) => guideByMap(inputs, display, byRange),
      display: [],
      note: 'grey gradients times the displayed map',
    },
  },
};
