import type { NdArray } from '../../src/base/nd-array.ts';
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

/** Raw maps at relu1, by hand and by an independent NumPy program, to six decimals. */
export const toyMapsAtRelu1: Readonly<Record<string, number[][]>> = {
  'grad-cam': [
    [0, 4],
    [28, 32.5],
  ],
  'hires-cam': [
    [0, 4],
    [25, 25],
  ],
  'grad-cam-elementwise': [
    [0, 4],
    [31, 40],
  ],
  'layer-cam': [
    [0, 4],
    [31, 40],
  ],
  'xgrad-cam': [
    [0, 4],
    [25, 25],
  ],
  // Weights 4 / (2 + 75) and 1 / (2 + 21).
  'grad-cam-plus-plus': [
    [0, 0.207792],
    [1.871259, 2.730096],
  ],
  'eigen-cam': [
    [-19.4419, -15.654904],
    [11.839155, 23.257649],
  ],
  'eigen-grad-cam': [
    [-19.4419, -15.654904],
    [11.839155, 23.257649],
  ],
};

/** The same at conv1, before the ReLU. */
export const toyMapsAtConv1: Readonly<Record<string, number[][]>> = {
  'grad-cam': [
    [11.25, 13.5],
    [20.25, 22.5],
  ],
  'hires-cam': [
    [0, 4],
    [25, 25],
  ],
  'grad-cam-elementwise': [
    [0, 4],
    [31, 40],
  ],
  'layer-cam': [
    [0, 4],
    [31, 40],
  ],
  // Weights 75 / 70 and -21 / -30.
  'xgrad-cam': [
    [-26.357143, -10.414286],
    [37.414286, 53.357143],
  ],
  // Weights 3 / (2 + 70) and 0.
  'grad-cam-plus-plus': [
    [-0.208333, 0.166667],
    [1.291667, 1.666667],
  ],
  'eigen-cam': [
    [-31.819805, -19.091883],
    [19.091883, 31.819805],
  ],
  'eigen-grad-cam': [
    [-19.4419, -15.654904],
    [11.839155, 23.257649],
  ],
};

/** Guided backpropagation times Grad-CAM at relu1, enlarged on the half-pixel grid by hand. */
export const toyGuidedGradCam = [
  [0, 1, 3, 4],
  [7, 3 * 8.03125, 3 * 10.09375, 2 * 11.125],
  [21, 3 * 22.09375, 3 * 24.28125, 2 * 25.375],
  [28, 2 * 29.125, 2 * 31.375, 32.5],
];
