import { explainAtInput, explainAtLayer } from '../../methods/formula.ts';
import type { DisplayStep } from '../display-step.ts';
import type { Preset } from '../preset.ts';
import { ablationCamOfPytorchGradCam } from '../variants/ablation-cam.ts';
import { computeGradCamPlusPlusOfPytorchGradCam } from '../variants/grad-cam-plus-plus.ts';
import { finerCamOfPytorchGradCam } from '../variants/finer-cam.ts';
import { fullGradOfPytorchGradCam } from '../variants/full-grad.ts';
import { scoreCamLike, scoreCamOfPytorchGradCam } from '../variants/score-cam.ts';
import { guideByMap } from '../variants/guided-grad-cam.ts';
import { computeXGradCamOfPytorchGradCam } from '../variants/x-grad-cam.ts';

/**
 * base_cam.py scales each layer's map to 0..1 by its range and resizes it with OpenCV. It then scales the
 * mean over the layers by its range.
 */
const layerMean: readonly DisplayStep[] = [
  { step: 'relu' },
  { step: 'min-max', guard: 1e-7 },
  { step: 'resize', kernel: 'half-pixel' },
];
const display: readonly DisplayStep[] = [...layerMean, { step: 'min-max', guard: 1e-7 }];

const anySign =
  'up to its sign: the peer keeps the one that LAPACK returns, which may be either; here the value of the largest magnitude is positive';

/** @see jacobgil/pytorch-grad-cam: base_cam.py, utils/image.py, cam.py */
export const pytorchGradCam: Preset = {
  name: 'pytorch-grad-cam',
  source: 'jacobgil/pytorch-grad-cam, 1.5.5 (084273b)',
  score: 'logit',
  tail: 'plain',
  display,
  layerMean,
  signed: false,
  // show_cam_on_image with its default image_weight of 0.5.
  overlay: {
    colormap: 'jet',
    steps: 255,
    power: 1,
    stretch: false,
    imageWeight: 0.5,
    colourWeight: 0.5,
    rescale: true,
  },
  methods: {
    'grad-cam': { imitated: true },
    'grad-cam-plus-plus': {
      imitated: true,
      explain: explainAtLayer(computeGradCamPlusPlusOfPytorchGradCam),
      note: '1e-6 in the denominator',
    },
    'hires-cam': { imitated: true },
    'layer-cam': { imitated: true },
    'xgrad-cam': {
      imitated: true,
      explain: explainAtLayer(computeXGradCamOfPytorchGradCam),
      note: '1e-7 in the denominator',
    },
    'grad-cam-elementwise': { imitated: true },
    'eigen-cam': { imitated: true, isOfEitherSign: true, note: anySign },
    'eigen-grad-cam': { imitated: true, isOfEitherSign: true, note: anySign },
    'random-cam': { imitated: false, reason: 'its random numbers are NumPy’s' },
    'score-cam': {
      imitated: true,
      explain: scoreCamLike(scoreCamOfPytorchGradCam),
      note: 'masks are resized with aligned corners; constant channels count too',
    },
    'ablation-cam': {
      imitated: true,
      explain: ablationCamOfPytorchGradCam,
      note: 'divided by the score with its sign; where the layer has negative values, channels are set to about -1e7 rather than 0',
    },
    'full-grad': {
      imitated: true,
      explain: fullGradOfPytorchGradCam,
      display: [{ step: 'min-max', guard: 1e-7 }],
      note: 'each channel is scaled by its own range before the sum; only the biases of convolutions and batch normalisations count',
    },
    'finer-cam': {
      imitated: true,
      explain: finerCamOfPytorchGradCam,
      note: 'the contrast has strength 1 and is weighted by probabilities, through which gradients flow; targets are classes only',
    },
    'guided-backprop': {
      imitated: true,
      relus: 'unbounded',
      display: [{ step: 'contrast' }],
      note: 'it replaces ReLU modules; ReLU6 keeps its derivative',
    },
    'guided-grad-cam': {
      imitated: true,
      relus: 'unbounded',
      explain: explainAtInput('guided', (inputs) => guideByMap(inputs, display)),
      display: [{ step: 'contrast' }],
      note: 'as in its cam.py: the displayed map times guided backpropagation, with ReLU6 as there',
    },
  },
};
