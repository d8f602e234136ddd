import type { Preset } from '../preset.ts';

/** @see tensorflow/tfjs-examples: visualize-convnet/cam.js, utils.js */
export const tfjsExamples: Preset = {
  name: 'tfjs-examples',
  source: 'tensorflow/tfjs-examples, visualize-convnet (605a79c)',
  score: 'probability',
  tail: 'plain',
  display: [{ step: 'relu' }, { step: 'divide-by-max' }, { step: 'resize', kernel: 'legacy' }],
  signed: false,
  // Its 64 colours run from blue over green to yellow; viridis is the nearest of our colormaps.
  overlay: {
    colormap: 'viridis',
    steps: 64,
    power: 1,
    stretch: true,
    imageWeight: 1,
    colourWeight: 2,
    rescale: true,
  },
  methods: {
    'grad-cam': {
      imitated: true,
      note: 'we run the model in inference mode; the peer’s code runs batch normalisation and dropout in training mode',
    },
  },
};
