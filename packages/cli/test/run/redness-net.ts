import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Side of the net's input and of one cell of its layer `cells`, in pixels. */
export const INPUT = 64;
export const CELL = 8;

/**
 * Writes a net whose Grad-CAM is known without running it: the mean of cells of 8 x 8 pixels, the mean
 * over the cells, and a class 1 whose score is red less blue. At `cells` the gradient of that score is the
 * same everywhere, so the map is how much redder than blue the cells are; gray bars are not there.
 */
export function writeRednessNet(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const layer = (name: string, type: string, config: object, before: string | null) => ({
    name,
    class_name: type,
    config: { name, trainable: true, dtype: 'float32', ...config },
    inbound_nodes: before === null ? [] : [[[before, 0, 0, {}]]],
  });
  const pool = {
    pool_size: [CELL, CELL],
    strides: [CELL, CELL],
    padding: 'valid',
    data_format: 'channels_last',
  };
  const dense = { units: 2, activation: 'linear', use_bias: false };
  const topology = {
    class_name: 'Model',
    config: {
      name: 'redness',
      layers: [
        layer('image', 'InputLayer', { batch_input_shape: [null, INPUT, INPUT, 3] }, null),
        layer('cells', 'AveragePooling2D', pool, 'image'),
        layer('mean', 'GlobalAveragePooling2D', { data_format: 'channels_last' }, 'cells'),
        layer('scores', 'Dense', dense, 'mean'),
      ],
      input_layers: [['image', 0, 0]],
      output_layers: [['scores', 0, 0]],
    },
    keras_version: '2.15.0',
    backend: 'tensorflow',
  };
  const weights = [{ name: 'scores/kernel', shape: [3, 2], dtype: 'float32' }];
  const model = {
    format: 'layers-model',
    modelTopology: { model_config: topology, keras_version: '2.15.0', backend: 'tensorflow' },
    weightsManifest: [{ paths: ['weights.bin'], weights }],
  };
  writeFileSync(path.join(folder, 'model.json'), JSON.stringify(model));
  // [channel, class]
  const kernel = Float32Array.of(0, 1, 1, 0, 0, -1);
  writeFileSync(path.join(folder, 'weights.bin'), new Uint8Array(kernel.buffer));
}
