import { addLayer, createDraft, type NetworkDraft, type Parameter } from '../network.ts';

/** A value in a net of PyTorch: the layer that computes it, and its shape. */
export interface Value {
  readonly layer: string;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** Starts a net for square pictures. */
export function startNet(size: number): { draft: NetworkDraft; image: Value } {
  const draft = createDraft(size, size);
  return { draft, image: { layer: 'input', channels: 3, height: size, width: size } };
}

/** The arguments of `nn.Conv2d`. */
export interface ConvOptions {
  /** Output channels. */
  readonly channels: number;
  /** Height and width of the kernel. */
  readonly size: number;
  readonly stride?: number;
  readonly groups?: number;
  readonly bias?: boolean;
  /** Zeros on each side, default half of the kernel; `same` is the padding of TensorFlow. */
  readonly padding?: number | 'same';
}

/**
 * `nn.Conv2d`. Where tfjs's SAME puts zeros in other places than PyTorch, they are a layer of their own,
 * `<path>/pad`. A convolution with one group for each channel is a depthwise one.
 */
export function addConv(
  draft: NetworkDraft,
  path: string,
  input: Value,
  options: ConvOptions,
): Value {
  const { channels, size, stride = 1, groups = 1, bias = false } = options;
  const { padding = (size - 1) / 2 } = options;
  const isDepthwise = groups > 1 && groups === input.channels && groups === channels;
  const half = (size - 1) / 2;
  const isSame = padding === 'same' || (stride === 1 && padding === half);
  const padded =
    isSame || padding === 0 ? input : addPad(draft, `${path}/pad`, input, [padding, padding]);
  const shape = isDepthwise
    ? [size, size, channels, 1]
    : [size, size, input.channels / groups, channels];
  const kernel = isDepthwise ? 'depthwise_kernel' : 'kernel';
  addWeight(draft, path, kernel, shape);
  if (bias) addWeight(draft, path, 'bias', [channels]);
  const config = {
    kernel_size: [size, size],
    strides: [stride, stride],
    padding: isSame ? 'same' : 'valid',
    data_format: 'channels_last',
    dilation_rate: [1, 1],
    activation: 'linear',
    use_bias: bias,
  };
  if (isDepthwise) {
    addLayer(draft, path, 'DepthwiseConv2D', [padded.layer], { ...config, depth_multiplier: 1 });
  } else {
    const grouped = groups === 1 ? {} : { groups };
    addLayer(draft, path, 'Conv2D', [padded.layer], { filters: channels, ...config, ...grouped });
  }
  const count = (cells: number): number =>
    isSame ? Math.ceil(cells / stride) : Math.floor((cells - size) / stride) + 1;
  return { layer: path, channels, height: count(padded.height), width: count(padded.width) };
}

/** `nn.ReLU`, or `nn.ReLU6` with `max` 6. */
export function addRelu(draft: NetworkDraft, name: string, input: Value, max?: number): Value {
  if (max === undefined) addLayer(draft, name, 'Activation', [input.layer], { activation: 'relu' });
  else addLayer(draft, name, 'ReLU', [input.layer], { max_value: max });
  return { ...input, layer: name };
}

/** Another activation by its name in Keras. */
export function addFunction(
  draft: NetworkDraft,
  name: string,
  input: Value,
  activation: string,
): Value {
  addLayer(draft, name, 'Activation', [input.layer], { activation });
  return { ...input, layer: name };
}

/** The sum of two values of one shape. */
export function addSum(draft: NetworkDraft, name: string, left: Value, right: Value): Value {
  addLayer(draft, name, 'Add', [left.layer, right.layer]);
  return { ...left, layer: name };
}

/** Values behind each other on the channels' axis. */
export function addConcatenation(
  draft: NetworkDraft,
  name: string,
  values: readonly Value[],
): Value {
  const [first] = values;
  const layers = values.map(({ layer }) => layer);
  addLayer(draft, name, 'Concatenate', layers, { axis: -1 });
  const channels = values.reduce((sum, value) => sum + value.channels, 0);
  return { ...first!, layer: name, channels };
}

/**
 * `nn.MaxPool2d` over values that are not negative, behind a ReLU. Zeros at the borders then have the same
 * effect as the infinities of PyTorch. `ceil` adds a last window that reaches beyond the border.
 */
export function addMaxPoolAfterRelu(
  draft: NetworkDraft,
  path: string,
  input: Value,
  options: { size: number; stride: number; padding?: number; ceil?: boolean },
): Value {
  const { size, stride, padding = 0, ceil = false } = options;
  const measure = (cells: number): { steps: number; after: number } => {
    const room = cells + 2 * padding - size;
    let steps = (ceil ? Math.ceil(room / stride) : Math.floor(room / stride)) + 1;
    // PyTorch leaves out a last window that would begin beyond the picture and its first zeros.
    if ((steps - 1) * stride >= cells + padding) steps--;
    const needed = (steps - 1) * stride + size - cells - padding;
    return { steps, after: Math.max(padding, needed) };
  };
  const [rows, columns] = [measure(input.height), measure(input.width)];
  const isPadded = padding > 0 || rows.after > 0 || columns.after > 0;
  const padded = isPadded
    ? addPad(draft, `${path}/pad`, input, [padding, rows.after], [padding, columns.after])
    : input;
  addLayer(draft, path, 'MaxPooling2D', [padded.layer], {
    pool_size: [size, size],
    strides: [stride, stride],
    padding: 'valid',
    data_format: 'channels_last',
  });
  return { ...input, layer: path, height: rows.steps, width: columns.steps };
}

/** `nn.AvgPool2d` without padding. */
export function addAveragePool(
  draft: NetworkDraft,
  path: string,
  input: Value,
  size: number,
  stride = size,
): Value {
  addLayer(draft, path, 'AveragePooling2D', [input.layer], {
    pool_size: [size, size],
    strides: [stride, stride],
    padding: 'valid',
    data_format: 'channels_last',
  });
  const count = (cells: number): number => Math.floor((cells - size) / stride) + 1;
  return { ...input, layer: path, height: count(input.height), width: count(input.width) };
}

/** The mean over the grid. */
export function addGlobalPool(draft: NetworkDraft, path: string, input: Value): Value {
  addLayer(draft, path, 'GlobalAveragePooling2D', [input.layer], { data_format: 'channels_last' });
  return { ...input, layer: path, height: 1, width: 1 };
}

/**
 * `nn.Linear`. Where the input is a flattened grid, PyTorch has the channels before the rows, and the kernel
 * is put into the order of tfjs.
 */
export function addLinear(
  draft: NetworkDraft,
  path: string,
  input: Value,
  units: number,
  bias = true,
): Value {
  const { channels, height, width } = input;
  const inUnits = channels * height * width;
  const grid = height * width > 1 ? { grid: [height, width] as const } : {};
  draft.weights.push({
    name: `${path}/kernel`,
    part: path,
    parameter: 'kernel',
    shape: [inUnits, units],
    ...grid,
  });
  if (bias) addWeight(draft, path, 'bias', [units]);
  addLayer(draft, path, 'Dense', [input.layer], { units, activation: 'linear', use_bias: bias });
  return { layer: path, channels: units, height: 1, width: 1 };
}

/**
 * The probabilities, which are the output of every model here. The softmax of one score would always be 1, so
 * a single score has a sigmoid.
 */
export function addPredictions(
  draft: NetworkDraft,
  logits: Value,
  activation: 'softmax' | 'sigmoid' = logits.channels === 1 ? 'sigmoid' : 'softmax',
): void {
  addLayer(draft, 'predictions', 'Activation', [logits.layer], { activation });
  draft.endpoints['predictions'] = 'predictions';
}

/** Adds a weight of a layer; its part in the source is the layer's path. */
export function addWeight(
  draft: NetworkDraft,
  path: string,
  parameter: Parameter,
  shape: readonly number[],
): void {
  draft.weights.push({ name: `${path}/${parameter}`, part: path, parameter, shape });
}

function addPad(
  draft: NetworkDraft,
  name: string,
  input: Value,
  rows: readonly [number, number],
  columns = rows,
): Value {
  const config = { padding: [rows, columns], data_format: 'channels_last' };
  addLayer(draft, name, 'ZeroPadding2D', [input.layer], config);
  return {
    ...input,
    layer: name,
    height: input.height + rows[0] + rows[1],
    width: input.width + columns[0] + columns[1],
  };
}
