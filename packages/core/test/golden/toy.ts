import type { NdArray } from '../../src/array/nd-array.ts';
import type { RgbImage } from '../../src/image/rgb-image.ts';
import { array, channelsLast } from '../helper/array.ts';
import {
  functionalModel,
  input,
  layer,
  type LayerSpec,
  type TestModel,
} from '../helper/keras-model.ts';

/**
 * The net of Captum's tests, small enough to compute by hand: a 4x4 image 0..15, two 3x3 filters of
 * ones with biases -50 and -75, ReLU, flatten, one output with weights 1 but -1 for the last three
 * cells of the second channel. Its score is 54.
 *
 * PyTorch flattens channel by channel, TensorFlow cell by cell: the dense rows are interleaved here.
 */
export function toyModel(): TestModel {
  return functionalModel(toyLayers());
}

function toyLayers(): LayerSpec[] {
  return [
    input('image', 4, 4, 1),
    layer(
      'Conv2D',
      'conv1',
      { filters: 2, kernel_size: [3, 3] },
      { kernel: ones([3, 3, 1, 2]), bias: array([-50, -75]) },
    ),
    layer('ReLU', 'relu1'),
    layer('Flatten', 'flat'),
    layer(
      'Dense',
      'fc1',
      { units: 1, use_bias: false },
      { kernel: array([[1], [1], [1], [-1], [1], [-1], [1], [-1]]) },
    ),
  ];
}

/** [1, 4, 4, 1] */
export const toyImage: NdArray = {
  shape: [1, 4, 4, 1],
  data: Float32Array.from({ length: 16 }, (_, i) => i),
};

export const toyScore = 54;

/** Sums of nine neighbours minus the biases: 45 = 0+1+2+4+5+6+8+9+10 and so on. */
export const toyConv1 = channelsLast([
  [
    [-5, 4],
    [31, 40],
  ],
  [
    [-30, -21],
    [6, 15],
  ],
]);

export const toyRelu1 = channelsLast([
  [
    [0, 4],
    [31, 40],
  ],
  [
    [0, 0],
    [6, 15],
  ],
]);

export const toyGradientAtRelu1 = channelsLast([
  [
    [1, 1],
    [1, 1],
  ],
  [
    [1, -1],
    [-1, -1],
  ],
]);

export const toyGradientAtConv1 = channelsLast([
  [
    [0, 1],
    [1, 1],
  ],
  [
    [0, 0],
    [-1, -1],
  ],
]);

/** Gradient at the image under each ReLU policy, [4, 4]. */
export const toyInputGradients = {
  plain: [
    [0, 1, 1, 1],
    [0, 1, 1, 1],
    [0, 1, 1, 1],
    [0, 0, 0, 0],
  ],
  guided: [
    [0, 1, 1, 1],
    [1, 3, 3, 2],
    [1, 3, 3, 2],
    [1, 2, 2, 1],
  ],
  deconvnet: [
    [2, 3, 3, 1],
    [3, 5, 5, 2],
    [3, 5, 5, 2],
    [1, 2, 2, 1],
  ],
} as const;

function ones(shape: readonly number[]): NdArray {
  return { shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(1) };
}

/** The toy net on colour pictures: it looks at red alone, so its numbers are the same. */
export function colourToyModel(): TestModel {
  const kernel = new Float32Array(3 * 3 * 3 * 2);
  for (let cell = 0; cell < 9; cell++) kernel.fill(1, cell * 6, cell * 6 + 2);
  const [, conv, ...rest] = toyLayers();
  const weights = { ...conv!.weights, kernel: { shape: [3, 3, 3, 2], data: kernel } };
  return functionalModel([input('image', 4, 4, 3), { ...conv!, weights }, ...rest]);
}

/** Red 0..15, and green and blue that must not matter. */
export const toyPicture: RgbImage = {
  width: 4,
  height: 4,
  channels: 3,
  data: Uint8Array.from({ length: 48 }, (_, i) => (i % 3 === 0 ? i / 3 : 200)),
};
