import {
  gradientOfPositives,
  meanGradient,
  ownGradient,
  positiveGradient,
  smoothByComponent,
} from '../variants/eigen-smooth.ts';
import type { PeerMethod, Preset } from '../preset.ts';
import { pytorchGradCam } from './pytorch-grad-cam.ts';

/** Methods at the input have no such options; FullGrad ignores them. */
const notOfCams = ['full-grad', 'guided-backprop', 'guided-grad-cam'];

/**
 * With `aug_smooth=True`: the mean of the displayed maps of six inputs, which are mirrored and multiplied.
 * The mean is shown as it is.
 */
export const augSmooth: Preset = {
  ...pytorchGradCam,
  name: 'pytorch-grad-cam:aug-smooth',
  display: [],
  augments: pytorchGradCam,
  methods: Object.fromEntries(
    Object.entries(pytorchGradCam.methods).filter(([name]) => !notOfCams.includes(name)),
  ),
};

const byComponent = (weightOf: Parameters<typeof smoothByComponent>[0]): PeerMethod => ({
  imitated: true,
  explain: smoothByComponent(weightOf),
  isOfEitherSign: true,
  note: 'up to its sign',
});

/**
 * With `eigen_smooth=True`: the first principal component of the weighted channels in place of their sum. Its
 * sign is the one that the decomposition returns; here the value of the largest magnitude is positive.
 */
export const eigenSmooth: Preset = {
  ...pytorchGradCam,
  name: 'pytorch-grad-cam:eigen-smooth',
  methods: {
    'grad-cam': byComponent(meanGradient),
    'hires-cam': byComponent(ownGradient),
    'grad-cam-elementwise': byComponent(gradientOfPositives),
    'layer-cam': byComponent(positiveGradient),
  },
};
