import { explainFixations } from '../../methods/fixations/cnn-fixations.ts';
import type { Preset } from '../preset.ts';

/**
 * The authors' program. It knows four nets of Caffe, in which it looks at the weights of convolutions and not
 * at the batch normalisations behind them.
 *
 * @see val-iisc/cnn-fixations: demo/layers.py, demo/utils.py
 */
export const cnnFixationsPeer: Preset = {
  name: 'cnn-fixations',
  source: 'val-iisc/cnn-fixations (demo of AlexNet, VGG-16, GoogLeNet, ResNet-101)',
  score: 'logit',
  tail: 'plain',
  display: [{ step: 'relu' }, { step: 'divide-by-max' }],
  signed: false,
  // visualize() draws matplotlib's jet over the image with an alpha of 0.6.
  overlay: {
    colormap: 'jet',
    steps: 256,
    power: 1,
    stretch: false,
    imageWeight: 0.4,
    colourWeight: 0.6,
    rescale: false,
  },
  methods: {
    'cnn-fixations': {
      imitated: true,
      explain: explainFixations({ window: 'origin', batchNorm: 'ignored' }),
      note: 'batch normalisations are passed by, also where gamma is negative; a window stands at its output place times the stride; one crop instead of five',
    },
  },
};
