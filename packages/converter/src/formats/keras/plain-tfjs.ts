import { isObject } from './json.ts';
import type { KerasLayer } from './layer-tree.ts';

/** The layers that tfjs-layers 4.22 registers when it is imported, without cells. */
export const TFJS_LAYERS: ReadonlySet<string> = new Set(
  `InputLayer ReLU LeakyReLU PReLU ELU ThresholdedReLU Softmax Conv1D Conv2D Conv3D Conv2DTranspose
  Conv3DTranspose SeparableConv2D Cropping2D UpSampling2D DepthwiseConv2D ConvLSTM2D Dropout
  SpatialDropout1D Dense Flatten Activation RepeatVector Reshape Permute Masking Embedding Add Multiply
  Average Maximum Minimum Concatenate Dot GaussianNoise GaussianDropout AlphaDropout BatchNormalization
  LayerNormalization ZeroPadding2D MaxPooling1D AveragePooling1D MaxPooling2D AveragePooling2D
  MaxPooling3D AveragePooling3D GlobalAveragePooling1D GlobalMaxPooling1D GlobalAveragePooling2D
  GlobalMaxPooling2D RNN SimpleRNN GRU LSTM TimeDistributed Bidirectional
  CategoryEncoding CenterCrop Rescaling Resizing RandomWidth`.split(/\s+/),
);

/** The functions that tfjs-layers 4.22 registers as activations. */
const TFJS_ACTIVATIONS: ReadonlySet<string> = new Set(
  'elu selu relu relu6 linear sigmoid hard_sigmoid softplus softsign tanh softmax log_softmax swish mish gelu'.split(
    ' ',
  ),
);

/**
 * What plain tfjs lacks for a layer, or would compute otherwise without a word. Empty for a layer that it
 * computes as Keras does.
 *
 * @param calls as they are written; an object is a call with arguments that tfjs does not read.
 * @param takesVector whether the layer takes a list of numbers for each picture.
 */
export function findLacks(
  layer: KerasLayer,
  calls: readonly unknown[],
  isKeras3: boolean,
  takesVector = false,
): string[] {
  const { className, name, config, isOperator } = layer;
  const lack = (what: string): string => `${name}: ${what}`;
  if (isOperator || !TFJS_LAYERS.has(className)) return [lack(`the class ${className}`)];
  const found: string[] = [];
  if (calls.some((call) => isObject(call))) found.push(lack('a call with further arguments'));
  const isSet = (key: string, usual: readonly unknown[]): boolean =>
    config[key] !== undefined && config[key] !== null && !usual.includes(config[key]);
  if (isSet('groups', [1])) found.push(lack(`groups ${String(config['groups'])}`));
  if (isSet('keepdims', [false])) found.push(lack('keepdims'));
  if (isSet('data_format', ['channels_last'])) found.push(lack('channels first on most backends'));
  // tfjs takes other places between the pixels than Keras, except where whole pixels are repeated.
  const isSmooth = className === 'UpSampling2D' && isSet('interpolation', ['nearest']);
  if (className === 'Resizing' || isSmooth) {
    found.push(lack(`Keras's ${String(config['interpolation'] ?? 'bilinear')} interpolation`));
  }
  if (className === 'Flatten' && takesVector) found.push(lack('a Flatten of a list of numbers'));
  if (className === 'ReLU' && (isSet('negative_slope', [0]) || isSet('threshold', [0]))) {
    found.push(lack('a slope or a threshold of ReLU'));
  }
  if (className === 'ELU' && isSet('alpha', [1])) found.push(lack('an alpha of ELU'));
  // tfjs computes a softmax along the last axis only, and the rank is not known here.
  if (className === 'Softmax' && isSet('axis', [-1]))
    found.push(lack('a softmax along an axis by its number'));
  for (const key of ['activation', 'recurrent_activation']) {
    const value = config[key];
    const text = isObject(value) && value['class_name'] === 'function' ? value['config'] : value;
    if (text === undefined || text === null || text === 'silu') continue;
    if (typeof text !== 'string' || !TFJS_ACTIVATIONS.has(text)) {
      found.push(lack(`the activation ${typeof text === 'string' ? text : 'that is a layer'}`));
    } else if (isKeras3 && text === 'hard_sigmoid') {
      found.push(lack("Keras 3's hard_sigmoid, whose slope is another"));
    }
  }
  return found;
}
