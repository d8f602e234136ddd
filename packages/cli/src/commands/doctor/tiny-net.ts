import { modelFilesInMemory, type ModelFiles, type RgbImage } from '@gradcam/core';

/**
 * A net whose answers are known by hand: a convolution that sums the red values of each quarter of a 4 x 4
 * image, ReLU, the mean m over the quarters, and two classes a = m and b = 1/2 - m.
 */
export function tinyNetFiles(): ModelFiles {
  const layer = (className: string, config: Readonly<Record<string, unknown>>): object => ({
    class_name: className,
    config,
  });
  const layers = [
    layer('Conv2D', {
      ...{ name: 'quarters', filters: 1, kernel_size: [2, 2], strides: [2, 2], padding: 'valid' },
      ...{ activation: 'linear', use_bias: false, dilation_rate: [1, 1] },
      batch_input_shape: [null, 4, 4, 3],
    }),
    layer('Activation', { name: 'relu', activation: 'relu' }),
    layer('GlobalAveragePooling2D', { name: 'mean' }),
    layer('Dense', { name: 'classes', units: 2, activation: 'linear', use_bias: true }),
    layer('Activation', { name: 'softmax', activation: 'softmax' }),
  ];
  // The convolution's kernel [2, 2, 3, 1], which reads only red; then the dense kernel [1, 2] and the bias
  // [2].
  const values = Float32Array.of(...[1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0], 1, -1, 0, 0.5);
  const model = {
    format: 'layers-model',
    modelTopology: {
      keras_version: '2.15.0',
      backend: 'tensorflow',
      model_config: layer('Sequential', { name: 'tiny', layers }),
    },
    weightsManifest: [
      {
        paths: ['weights.bin'],
        weights: [
          { name: 'quarters/kernel', shape: [2, 2, 3, 1], dtype: 'float32' },
          { name: 'classes/kernel', shape: [1, 2], dtype: 'float32' },
          { name: 'classes/bias', shape: [2], dtype: 'float32' },
        ],
      },
    ],
  };
  const files = {
    'model.json': new TextEncoder().encode(JSON.stringify(model)),
    'weights.bin': new Uint8Array(values.buffer),
  };
  return modelFilesInMemory(files, 'self-test');
}

/** An image whose quarters have 4, 2, 1 and 0 red pixels. */
export const TINY_IMAGE: RgbImage = {
  width: 4,
  height: 4,
  channels: 3,
  data: Uint8Array.from(
    [...[1, 1, 1, 0], ...[1, 1, 0, 1], ...[1, 0, 0, 0], ...[0, 0, 0, 0]].flatMap((red) => [
      255 * red,
      0,
      0,
    ]),
  ),
};

/** The mean of 4, 2, 1 and 0 is 1.75, so the classes have the logits 1.75 and -1.25. */
export const TINY_LOGITS = [1.75, -1.25];

/**
 * Grad-CAM for the first class. The gradient is 1/4 in each cell, so the map is a quarter of the sums 4, 2, 1
 * and 0.
 */
export const TINY_MAP = [1, 0.5, 0.25, 0];
