// @ts-check
import { concat, encodeUint, utf8 } from '../bytes.mjs';
import { createRandom } from '../random.mjs';

/** @typedef {'float32' | 'float16' | 'uint16' | 'uint8'} Stored */

const WEIGHTS = /** @type {const} */ ([
  ['conv/kernel', [3, 3, 3, 4]],
  ['conv/bias', [4]],
  ['scores/kernel', [4, 3]],
  ['scores/bias', [3]],
]);

/** Writes a number 0..255 in each of the ways of storing. */
const WRITERS = {
  /** @param {number} value */
  float32: (value) => new Uint8Array(Float32Array.of(value / 128 - 1).buffer),
  /**
   * Writes the number as a half with exponent 0, in the range 1 to 2.
   *
   * @param {number} value
   */
  float16: (value) => encodeUint(0x3c00 | (value << 2), 2, true),
  /** @param {number} value */
  uint16: (value) => encodeUint(value * 257, 2, true),
  /** @param {number} value */
  uint8: (value) => Uint8Array.of(value),
};

/** @param {Stored} stored */
function quantizationOf(stored) {
  if (stored === 'float32') return {};
  if (stored === 'float16') return { quantization: { dtype: stored } };
  return {
    quantization: { dtype: stored, min: -1, scale: stored === 'uint8' ? 2 / 255 : 2 / 65535 },
  };
}

/**
 * A LayersModel as the converter writes them, with its metadata block: a convolution, a mean and three
 * scores.
 *
 * @param {Stored} stored
 * @returns {import('../target.mjs').Input}
 */
export function makeTinyModel(stored) {
  const random = createRandom(stored.length);
  const weights = WEIGHTS.map(([name, shape]) => ({
    name,
    shape,
    dtype: 'float32',
    ...quantizationOf(stored),
  }));
  const count = WEIGHTS.reduce(
    (sum, [, shape]) => sum + shape.reduce((size, one) => size * one, 1),
    0,
  );
  const bytes = concat(...Array.from({ length: count }, () => WRITERS[stored](random.below(256))));
  const half = bytes.length >> 1;
  const json = {
    format: 'layers-model',
    generatedBy: 'fuzz',
    modelTopology: { keras_version: '2.15.0', backend: 'tensorflow', model_config: topology() },
    weightsManifest: [{ paths: ['a.bin', 'b.bin'], weights }],
    userDefinedMetadata: { gradcam: block() },
  };
  return {
    name: `tiny ${stored}`,
    open: 'model.json',
    files: {
      'model.json': utf8(JSON.stringify(json)),
      'a.bin': bytes.slice(0, half),
      'b.bin': bytes.slice(half),
    },
  };
}

function topology() {
  const conv = {
    ...{
      name: 'conv',
      filters: 4,
      kernel_size: [3, 3],
      strides: [1, 1],
      padding: 'same',
      activation: 'relu',
    },
    ...{
      use_bias: true,
      data_format: 'channels_last',
      dilation_rate: [1, 1],
      batch_input_shape: [null, 8, 8, 3],
    },
  };
  const layers = [
    { class_name: 'Conv2D', config: conv },
    {
      class_name: 'GlobalAveragePooling2D',
      config: { name: 'mean', data_format: 'channels_last' },
    },
    {
      class_name: 'Dense',
      config: { name: 'scores', units: 3, activation: 'linear', use_bias: true },
    },
    { class_name: 'Softmax', config: { name: 'predictions', axis: -1 } },
  ];
  return { class_name: 'Sequential', config: { name: 'tiny', layers } };
}

function block() {
  return {
    schema: 1,
    id: 'tiny',
    architecture: 'tiny',
    source: { uri: 'made', format: 'npy', sha256: '0'.repeat(64) },
    shards: { 'a.bin': '0'.repeat(64), 'b.bin': '0'.repeat(64) },
    input: {
      ...{ height: 8, width: 8, channelOrder: 'rgb', scale: 1, mean: [0, 0, 0], std: [1, 1, 1] },
      ...{ fit: 'crop', cropFraction: 0.875, resize: 'bilinear-antialias', pad: [0, 0, 0] },
    },
    logits: 'scores',
    endpoints: { features: 'conv' },
    defaultEndpoint: 'features',
    labels: ['cat', 'dog, hound', 'car'],
    wnids: ['n00000001', 'n00000002', 'n00000003'],
    probe: {
      generator: 'ramp',
      seed: 1,
      top: [
        [0, 1.5],
        [1, 0.5],
      ],
      engine: 'onnx',
      tolerance: 1e-4,
    },
  };
}

/** The tiny model in every way of storing it. */
export function makeTinyModels() {
  return /** @type {Stored[]} */ (['float32', 'float16', 'uint16', 'uint8']).map(makeTinyModel);
}
