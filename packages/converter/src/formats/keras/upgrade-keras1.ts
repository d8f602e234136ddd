import { UnsupportedError } from '../../errors.ts';
import { isObject, type Json } from './json.ts';

/**
 * Writes the configuration of a model of Keras 1 in the words of Keras 2. Source:
 * `keras/legacy/interfaces.py` of Keras 2.0, which did the same when it loaded such a model.
 *
 * @param model `{class_name, config}`.
 * @throws UnsupportedError for weights in Theano's order and for modes that Keras 2 no longer has
 */
export function upgradeKeras1(model: Json, file: string): Json {
  const config = model['config'];
  const upgrade = (layer: unknown): unknown =>
    isObject(layer) ? upgradeLayer(layer, file) : layer;
  if (Array.isArray(config)) {
    return { ...model, config: { name: 'sequential', layers: config.map(upgrade) } };
  }
  if (!isObject(config)) return model;
  const layers = config['layers'];
  return Array.isArray(layers)
    ? { ...model, config: { ...config, layers: layers.map(upgrade) } }
    : model;
}

const CLASSES: Readonly<Record<string, string>> = {
  Convolution1D: 'Conv1D',
  Convolution2D: 'Conv2D',
  AtrousConvolution2D: 'Conv2D',
  SeparableConvolution2D: 'SeparableConv2D',
  Deconvolution2D: 'Conv2DTranspose',
};
const MERGES: Readonly<Record<string, string>> = {
  sum: 'Add',
  mul: 'Multiply',
  ave: 'Average',
  max: 'Maximum',
  concat: 'Concatenate',
  dot: 'Dot',
};
const KEYS: Readonly<Record<string, string>> = {
  nb_filter: 'filters',
  filter_length: 'kernel_size',
  subsample: 'strides',
  subsample_length: 'strides',
  border_mode: 'padding',
  bias: 'use_bias',
  output_dim: 'units',
  p: 'rate',
  atrous_rate: 'dilation_rate',
};

function upgradeLayer(record: Json, file: string): Json {
  const className = String(record['class_name']);
  if (Array.isArray(record['config']) || isObject(record['config']) === false) {
    return upgradeKeras1(record, file);
  }
  const old = record['config'] as Json;
  if (Array.isArray(old['layers'])) return upgradeKeras1(record, file);
  const name = String(old['name'] ?? className);
  const refuse = (attribute: string, next: string): never => {
    throw new UnsupportedError(
      `Keras 1 ${attribute}`,
      `${file}: layer ${name} of Keras 1 has ${attribute} ${JSON.stringify(old[attribute])}, which cannot be converted; ${next}`,
    );
  };
  if (old['dim_ordering'] === 'th') {
    refuse('dim_ordering', 'load it with Keras 2 and save it with data_format channels_last');
  }
  if (className === 'BatchNormalization' && (old['mode'] ?? 0) !== 0) {
    refuse('mode', 'modes 1 and 2 normalise each batch');
  }
  const config: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(old)) {
    if (/^(nb_row|nb_col|dim_ordering|mode|init|W_\w+|b_\w+|weights)$/.test(key)) continue;
    const isDense = className !== 'Embedding';
    config[key === 'output_dim' && !isDense ? key : (KEYS[key] ?? key)] = value;
  }
  if (old['nb_row'] !== undefined) config['kernel_size'] = [old['nb_row'], old['nb_col']];
  if (old['dim_ordering'] !== undefined) config['data_format'] = 'channels_last';
  if (className !== 'Merge')
    return { ...record, class_name: CLASSES[className] ?? className, config };
  const merge = MERGES[String(old['mode'])];
  if (merge === undefined) refuse('mode', 'only sum, mul, ave, max, concat and dot can be read');
  const axis = merge === 'Concatenate' ? { axis: old['concat_axis'] ?? -1 } : {};
  return { ...record, class_name: merge!, config: { name, ...axis } };
}
