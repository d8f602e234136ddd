import type { Architecture } from './architecture.ts';
import { CAFFE_MEAN, describeMeanInput } from './architecture.ts';
import { createResNetV1 } from './resnet-v1.ts';
import { createVgg } from './vgg.ts';

/**
 * The two small nets of this project, built like the large ones; see `demo/` in the repository. Both take
 * images of 128 x 128 pixels and have ten classes.
 */
const SIZE = 128;
const CLASSES = 10;

/** Has TF-slim names under the scope `demo_resnet`. */
export const DEMO_RESNET: Architecture = createResNetV1({
  id: 'demo-resnet',
  title: 'Demo ResNet (TF-slim form)',
  scope: 'demo_resnet',
  input: describeMeanInput({
    size: SIZE,
    channelOrder: 'rgb',
    mean: CAFFE_MEAN,
    cropFraction: 1,
  }),
  rootChannels: 24,
  blocks: [
    { name: 'block1', baseDepth: 16, units: 2, stride: 2 },
    { name: 'block2', baseDepth: 32, units: 3, stride: 2 },
    { name: 'block3', baseDepth: 64, units: 3, stride: 1 },
  ],
  batchNormEpsilon: 1e-5,
  classes: CLASSES,
  labels: 'demo',
});

/** Has the keys of tensorflow-vgg's files. */
export const DEMO_VGG: Architecture = createVgg({
  id: 'demo-vgg',
  title: 'Demo VGG (.npy form, BGR)',
  scope: 'demo_vgg',
  size: SIZE,
  stages: [
    [8, 8],
    [16, 16],
    [32, 32],
    [64, 64],
    [96, 96],
  ],
  hidden: [96, 96],
  classes: CLASSES,
  labels: 'demo',
  prefer: 'tensorflow-vgg',
  cropFraction: { 'tensorflow-vgg': 1, 'tf-slim': 1 },
});
