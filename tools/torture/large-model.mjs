// @ts-check
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createRandom } from './random.mjs';

const SIDE = 32;
const CHANNELS = 4096;
const CLASSES = 1100;

/**
 * Writes a tfjs model that is just large enough for the engine's handling of large models: compiled graphs
 * are kept from 16 MiB of weights on, and a dense kernel of 12 MiB or more is mapped from a file.
 *
 * @param {string} folder made anew
 */
export function writeLargeModel(folder) {
  const weights = [
    { name: 'wide/kernel', shape: [3, 3, 3, CHANNELS] },
    { name: 'wide/bias', shape: [CHANNELS] },
    { name: 'scores/kernel', shape: [CHANNELS, CLASSES] },
    { name: 'scores/bias', shape: [CLASSES] },
  ];
  const random = createRandom(1, 1);
  const count = weights.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b), 0);
  const values = Float32Array.from({ length: count }, () => (random.below(2001) - 1000) / 1e4);
  const model = {
    format: 'layers-model',
    modelTopology: {
      keras_version: '2.15.0',
      backend: 'tensorflow',
      model_config: { class_name: 'Sequential', config: { name: 'large', layers: describe() } },
    },
    weightsManifest: [
      {
        paths: ['weights.bin'],
        weights: weights.map((weight) => ({ ...weight, dtype: 'float32' })),
      },
    ],
  };
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'weights.bin'), new Uint8Array(values.buffer));
  writeFileSync(path.join(folder, 'model.json'), JSON.stringify(model));
}

function describe() {
  return [
    {
      class_name: 'Conv2D',
      config: {
        name: 'wide',
        batch_input_shape: [null, SIDE, SIDE, 3],
        filters: CHANNELS,
        kernel_size: [3, 3],
        strides: [8, 8],
        padding: 'same',
        data_format: 'channels_last',
        dilation_rate: [1, 1],
        activation: 'relu',
        use_bias: true,
      },
    },
    {
      class_name: 'GlobalAveragePooling2D',
      config: { name: 'mean', data_format: 'channels_last' },
    },
    {
      class_name: 'Dense',
      config: { name: 'scores', units: CLASSES, activation: 'softmax', use_bias: true },
    },
  ];
}
