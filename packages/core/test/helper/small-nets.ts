import type { NdArray } from '../../src/base/nd-array.ts';
import { findNode, type Network } from '../../src/network/network.ts';
import { functionalModel, input, layer, type LayerSpec, type TestModel } from './keras-model.ts';
import { createRandom, randomArray } from './random.ts';

/** A convolution with drawn weights whose sums stay near one; `channels` are those of one group. */
export function convolution(
  random: () => number,
  name: string,
  size: readonly [number, number],
  channels: number,
  filters: number,
  config: Readonly<Record<string, unknown>> = {},
): LayerSpec {
  const reach = 1.5 / Math.sqrt((size[0] * size[1] * channels) / 3);
  return layer(
    'Conv2D',
    name,
    { filters, kernel_size: [...size], padding: 'same', ...config },
    {
      kernel: randomArray(random, [...size, channels, filters], -reach, reach),
      bias: randomArray(random, [filters], -0.3, 0.3),
    },
  );
}

export function depthwise(
  random: () => number,
  name: string,
  channels: number,
  multiplier: number,
  config: Readonly<Record<string, unknown>> = {},
): LayerSpec {
  return layer(
    'DepthwiseConv2D',
    name,
    { kernel_size: [3, 3], padding: 'same', depth_multiplier: multiplier, ...config },
    {
      depthwise_kernel: randomArray(random, [3, 3, channels, multiplier]),
      bias: randomArray(random, [channels * multiplier], -0.3, 0.3),
    },
  );
}

export function batchNormalization(
  random: () => number,
  name: string,
  channels: number,
): LayerSpec {
  return layer(
    'BatchNormalization',
    name,
    { epsilon: 1e-3 },
    {
      gamma: randomArray(random, [channels], 0.5, 1.5),
      beta: randomArray(random, [channels], -0.3, 0.3),
      moving_mean: randomArray(random, [channels], -0.5, 0.5),
      moving_variance: randomArray(random, [channels], 0.5, 2),
    },
  );
}

export function dense(
  random: () => number,
  name: string,
  size: number,
  units: number,
  config: Readonly<Record<string, unknown>> = {},
): LayerSpec {
  const reach = 2 / Math.sqrt(size / 3);
  return layer(
    'Dense',
    name,
    { units, ...config },
    {
      kernel: randomArray(random, [size, units], -reach, reach),
      bias: randomArray(random, [units], -0.3, 0.3),
    },
  );
}

/** Odd sizes, two residual joins, an average pool with padding; ends in a softmax over 4 classes. */
export function residualNet(seed = 1): TestModel {
  const random = createRandom(seed);
  return functionalModel([
    input('image', 9, 7, 3),
    convolution(random, 'conv1', [3, 3], 3, 4, { strides: [2, 2], activation: 'relu' }),
    batchNormalization(random, 'norm', 4),
    layer('ReLU', 'relu1', { max_value: 6 }),
    convolution(random, 'conv2', [3, 2], 4, 4, { dilation_rate: [2, 1] }),
    { ...layer('Add', 'sum'), inputs: ['relu1', 'conv2'] },
    layer('ReLU', 'relu2'),
    { ...depthwise(random, 'depthwise', 4, 1), inputs: ['sum'] },
    { ...layer('Add', 'sum3'), inputs: ['relu2', 'depthwise', 'relu1'] },
    layer('AveragePooling2D', 'pool', { pool_size: [2, 2], padding: 'same' }),
    layer('ReLU', 'last', { negative_slope: 0.2 }),
    layer('GlobalAveragePooling2D', 'mean'),
    dense(random, 'predictions', 4, 4, { activation: 'softmax' }),
  ]);
}

/** As VGG: convolutions, max pools, flatten, two dense layers; ends in logits. */
export function plainNet(seed = 2): TestModel {
  const random = createRandom(seed);
  return functionalModel([
    input('image', 8, 10, 3),
    layer('ZeroPadding2D', 'padding', {
      padding: [
        [1, 0],
        [0, 1],
      ],
    }),
    convolution(random, 'conv1', [3, 3], 3, 4, { padding: 'valid', activation: 'relu' }),
    layer('MaxPooling2D', 'pool1', { pool_size: [3, 3], strides: [2, 2], padding: 'same' }),
    depthwise(random, 'depthwise', 4, 2, { strides: [2, 2] }),
    convolution(random, 'conv2', [3, 3], 4, 6, { groups: 2, activation: 'relu' }),
    layer('Cropping2D', 'crop', {
      cropping: [
        [0, 0],
        [1, 0],
      ],
    }),
    layer('Flatten', 'flat'),
    dense(random, 'fc1', 24, 5, { activation: 'relu' }),
    layer('Dropout', 'dropout', { rate: 0.5 }),
    dense(random, 'fc2', 5, 3),
  ]);
}

/** A drawn input [1, height, width, channels] for a network. */
export function drawInput(network: Network, seed: number): NdArray {
  const { shape } = findNode(network, network.inputs[0]!);
  return randomArray(createRandom(seed), [1, ...shape]);
}
