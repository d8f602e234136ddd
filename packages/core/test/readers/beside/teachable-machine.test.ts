import { expect, test } from 'vitest';
import { describeModel } from '../../../src/model/describe-model.ts';
import { input, layer, sequentialModel, type LayerSpec } from '../../helper/keras-model.ts';
import { filesOf } from '../../helper/model-files.ts';
import { array } from './small-net.ts';

/** A net with the layers of Teachable Machine, small; `changes` replaces some of them by their names. */
function teachableNet(changes: Readonly<Record<string, LayerSpec>> = {}) {
  const layers = [
    input('image', 8, 8, 3),
    layer(
      'Conv2D',
      'Conv1',
      { filters: 2, kernel_size: [3, 3], use_bias: false },
      { kernel: array([3, 3, 3, 2], Array(54).fill(0.1)) },
    ),
    layer('ReLU', 'out_relu', { max_value: 6 }),
    layer('GlobalAveragePooling2D', 'global_average_pooling2d_GlobalAveragePooling2D12'),
    layer(
      'Dense',
      'dense_Dense23',
      { units: 4, activation: 'relu' },
      { kernel: array([2, 4], Array(8).fill(0.1)), bias: array([4], Array(4).fill(0)) },
    ),
    layer(
      'Dense',
      'dense_Dense24',
      { units: 3, activation: 'softmax', use_bias: false },
      { kernel: array([4, 3], Array(12).fill(0.1)) },
    ),
  ];
  return filesOf(sequentialModel(layers.map((one) => changes[one.name] ?? one)));
}

const SAID =
  'pixels are scaled to -1..1, as Teachable Machine trains, whose layers the model has (--input-range changes it)';

test('a net with the layers of Teachable Machine takes pixels of -1..1, which is said', async () => {
  const { input: pixels, assumptions } = await describeModel(teachableNet());
  expect(pixels).toMatchObject({ scale: 1 / 127.5, mean: [1, 1, 1], std: [1, 1, 1], fit: 'crop' });
  expect(assumptions).toContain(SAID);
});

test('a range that is stated counts', async () => {
  const { input: pixels, assumptions } = await describeModel(teachableNet(), {
    inputRange: '0..255',
  });
  expect(pixels).toMatchObject({ scale: 1, mean: [0, 0, 0] });
  expect(assumptions).not.toContain(SAID);
});

test.each<[string, LayerSpec]>([
  [
    'another last layer, with a bias',
    layer(
      'Dense',
      'dense_Dense24',
      { units: 3, activation: 'softmax' },
      { kernel: array([4, 3], Array(12).fill(0.1)), bias: array([3], [0, 0, 0]) },
    ),
  ],
  ['another name of the last activation', layer('ReLU', 'relu', { max_value: 6 })],
  ['another pooling', layer('GlobalMaxPooling2D', 'global_max_pooling2d_GlobalMaxPooling2D12')],
  [
    'no first convolution of MobileNet',
    layer(
      'Conv2D',
      'conv2d_Conv2D1',
      { filters: 2, kernel_size: [3, 3], use_bias: false },
      { kernel: array([3, 3, 3, 2], Array(54).fill(0.1)) },
    ),
  ],
])('%s: pixels are scaled to 0..1', async (_, changed) => {
  const names: Readonly<Record<string, string>> = {
    relu: 'out_relu',
    global_max_pooling2d_GlobalMaxPooling2D12: 'global_average_pooling2d_GlobalAveragePooling2D12',
    conv2d_Conv2D1: 'Conv1',
  };
  const found = await describeModel(
    teachableNet({ [names[changed.name] ?? changed.name]: changed }),
  );
  expect(found.input).toMatchObject({ scale: 1 / 255, mean: [0, 0, 0] });
});
