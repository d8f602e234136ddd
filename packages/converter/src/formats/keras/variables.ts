import { isObject, type Json } from './json.ts';
import type { KerasLayer } from './layer-tree.ts';

/** Variables of one layer that stand together. */
export interface VariableSet {
  /** The groups below the layer's own in a `.keras` file, such as `cell`. */
  readonly group: readonly string[];
  /** What stands between the layer and the variable in names, such as `lstm_cell`; '' for nothing. */
  readonly prefix: string;
  /** In Keras's order. */
  readonly names: readonly string[];
}

/** Variables that training changes by other means than a gradient, or not at all. */
export const NOT_TRAINED: ReadonlySet<string> = new Set([
  'moving_mean',
  'moving_variance',
  'mean',
  'variance',
  'count',
]);

/** Variables that no inference needs. */
export const NOT_NEEDED: ReadonlySet<string> = new Set(['count']);

const WITHOUT =
  /^(InputLayer|Activation|ReLU|LeakyReLU|ELU|ThresholdedReLU|Softmax|.*Dropout.*|Gaussian\w+|Flatten|Reshape|Permute|RepeatVector|Add|Subtract|Multiply|Average|Maximum|Minimum|Concatenate|Dot|Merge|Lambda|Masking|Identity|ActivityRegularization|(Global|Adaptive)?(Max|Average|Avg)Pool(ing)?[123]D|Global(Max|Average|Avg)Pool(ing)?[123]D|ZeroPadding[123]D|Cropping[123]D|UpSampling[123]D|Rescaling|Resizing|CenterCrop|Random\w+|UnitNormalization|StochasticDepth)$/;

/**
 * The variables of a layer that is no model, by its class; null for a class that is not known here.
 * Sources: `build` and `add_weight` of the layers of Keras 1.2, 2.15 and 3.15, compared with files.
 */
export function listVariables({
  className,
  config,
}: Pick<KerasLayer, 'className' | 'config'>): readonly VariableSet[] | null {
  const own = ownVariables(className, config);
  if (own !== null) return [{ group: [], prefix: '', names: own }];
  switch (className) {
    case 'LSTM':
    case 'GRU':
    case 'SimpleRNN':
      return [cell(className, config, [], '')];
    case 'Bidirectional': {
      const inner = innerLayer(config, 'layer');
      if (inner === null || !/^(LSTM|GRU|SimpleRNN)$/.test(inner.className)) return null;
      const name = String(inner.config['name'] ?? snake(inner.className));
      const backward = innerLayer(config, 'backward_layer');
      return [
        cell(
          inner.className,
          inner.config,
          ['forward_layer'],
          `forward_${name.replace(/^forward_/, '')}/`,
        ),
        cell(
          inner.className,
          backward?.config ?? inner.config,
          ['backward_layer'],
          `${backward === null ? `backward_${name.replace(/^forward_/, '')}` : String(backward.config['name'])}/`,
        ),
      ];
    }
    case 'TimeDistributed': {
      const inner = innerLayer(config, 'layer');
      const sets = inner === null ? null : listVariables(inner);
      return sets?.map((set) => ({ ...set, group: ['layer', ...set.group] })) ?? null;
    }
    case 'MultiHeadAttention': {
      const names = config['use_bias'] === false ? ['kernel'] : ['kernel', 'bias'];
      const part = (group: string, prefix: string): VariableSet => ({
        group: [group],
        prefix,
        names,
      });
      return [
        part('query_dense', 'query'),
        part('key_dense', 'key'),
        part('value_dense', 'value'),
        part('output_dense', 'attention_output'),
      ];
    }
    default:
      return null;
  }
}

function ownVariables(className: string, config: Json): readonly string[] | null {
  const isOn = (name: string): boolean => config[name] !== false;
  const withBias = (...names: string[]): string[] =>
    isOn('use_bias') ? [...names, 'bias'] : names;
  switch (className) {
    case 'Dense':
    case 'Conv1D':
    case 'Conv2D':
    case 'Conv3D':
    case 'Convolution2D':
    case 'Conv1DTranspose':
    case 'Conv2DTranspose':
    case 'Convolution2DTranspose':
    case 'Conv3DTranspose':
      return withBias('kernel');
    case 'EinsumDense':
      return config['bias_axes'] === null || config['bias_axes'] === undefined
        ? ['kernel']
        : ['kernel', 'bias'];
    case 'DepthwiseConv1D':
    case 'DepthwiseConv2D':
      return withBias('depthwise_kernel');
    case 'SeparableConv1D':
    case 'SeparableConv2D':
    case 'SeparableConvolution2D':
      return withBias('depthwise_kernel', 'pointwise_kernel');
    case 'BatchNormalization':
    case 'BatchNormalizationV1':
    case 'BatchNormalizationV2':
    case 'SyncBatchNormalization':
      return [...scaled(config), 'moving_mean', 'moving_variance'];
    case 'LayerNormalization':
      return config['rms_scaling'] === true ? ['gamma'] : scaled(config);
    case 'GroupNormalization':
      return scaled(config);
    case 'RMSNormalization':
      return ['scale'];
    case 'Normalization':
      // A normalisation with stated numbers has no variables.
      return config['mean'] === null || config['mean'] === undefined
        ? ['mean', 'variance', 'count']
        : [];
    case 'PReLU':
      return ['alpha'];
    case 'Embedding':
      return ['embeddings'];
    default:
      return WITHOUT.test(className) ? [] : null;
  }
}

function scaled(config: Json): string[] {
  return ['gamma', 'beta'].filter(
    (name) => config[name === 'gamma' ? 'scale' : 'center'] !== false,
  );
}

function cell(
  className: string,
  config: Json,
  group: readonly string[],
  prefix: string,
): VariableSet {
  const names = ['kernel', 'recurrent_kernel', ...(config['use_bias'] === false ? [] : ['bias'])];
  return { group: [...group, 'cell'], prefix: `${prefix}${snake(className)}_cell`, names };
}

function innerLayer(config: Json, name: string): { className: string; config: Json } | null {
  const inner = config[name];
  if (!isObject(inner) || !isObject(inner['config'])) return null;
  return { className: String(inner['class_name']), config: inner['config'] };
}

/** The name that Keras makes of a class: `SeparableConv2D` is `separable_conv2d`. */
export function snake(className: string): string {
  return className
    .replace(/\W+/g, '')
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}
