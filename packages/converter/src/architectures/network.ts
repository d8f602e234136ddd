/**
 * A net as data: Keras layers in the order of computation, the net's weights, and the names that users
 * know. The functions `add..` below add to it, and each returns the name of the layer that it added.
 */
export interface NetworkDraft {
  readonly layers: LayerRecord[];
  readonly weights: WeightRecord[];
  /** Layers by the names that users of the source know. */
  readonly endpoints: Record<string, string>;
}

/** One layer of `modelTopology`, Keras 2 style. */
export interface LayerRecord {
  readonly name: string;
  readonly className: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** Names of the layers whose outputs are the inputs of this layer. */
  readonly inputs: readonly string[];
}

/** A weight of the model, and the part of the source that it comes from. */
export interface WeightRecord {
  /** `<layer>/<parameter>`, the name under which tfjs looks for it. */
  readonly name: string;
  /** The layer's name in the source: `conv5_3`, `block1/unit_2/conv1`. */
  readonly part: string;
  readonly parameter: Parameter;
  /** The shape in the model: kernels are HWIO, dense kernels [in, out]. */
  readonly shape: readonly number[];
  /** Rows and columns of the grid that the input of a dense layer was before it was flattened. */
  readonly grid?: readonly [rows: number, columns: number];
}

/**
 * The parameters of layers, by their Keras names. A layer scale is one factor for each channel, stored as a
 * depthwise kernel of 1x1.
 */
export type Parameter =
  | 'kernel'
  | 'depthwise_kernel'
  | 'bias'
  | 'gamma'
  | 'beta'
  | 'moving_mean'
  | 'moving_variance'
  | 'layer_scale';

/** Starts a net with its image input, a layer called `input`. */
export function createDraft(height: number, width: number): NetworkDraft {
  const config = { batch_input_shape: [null, height, width, 3], dtype: 'float32', sparse: false };
  const input = { name: 'input', className: 'InputLayer', config, inputs: [] };
  return { layers: [input], weights: [], endpoints: {} };
}

/** How a convolution's borders are: TensorFlow's SAME, or none after explicit zeros. */
export interface ConvolutionOptions {
  readonly part: string;
  /** Height and width of the kernel. */
  readonly size: number;
  readonly inChannels: number;
  readonly outChannels: number;
  readonly stride?: number;
  readonly padding?: 'same' | 'valid';
  readonly useBias?: boolean;
}

/** A linear 2-D convolution. */
export function addConvolution(
  draft: NetworkDraft,
  name: string,
  input: string,
  options: ConvolutionOptions,
): string {
  const { part, size, inChannels, outChannels } = options;
  const { stride = 1, padding = 'same', useBias = false } = options;
  const shape = [size, size, inChannels, outChannels];
  draft.weights.push({ name: `${name}/kernel`, part, parameter: 'kernel', shape });
  if (useBias) {
    draft.weights.push({ name: `${name}/bias`, part, parameter: 'bias', shape: [outChannels] });
  }
  return addLayer(draft, name, 'Conv2D', [input], {
    filters: outChannels,
    kernel_size: [size, size],
    strides: [stride, stride],
    padding,
    data_format: 'channels_last',
    dilation_rate: [1, 1],
    activation: 'linear',
    use_bias: useBias,
  });
}

/** A depthwise convolution, which convolves each channel separately. */
export function addDepthwiseConvolution(
  draft: NetworkDraft,
  name: string,
  input: string,
  options: { part: string; size: number; channels: number; stride: number },
): string {
  const { part, size, channels, stride } = options;
  const shape = [size, size, channels, 1];
  draft.weights.push({
    name: `${name}/depthwise_kernel`,
    part,
    parameter: 'depthwise_kernel',
    shape,
  });
  return addLayer(draft, name, 'DepthwiseConv2D', [input], {
    kernel_size: [size, size],
    strides: [stride, stride],
    padding: 'same',
    data_format: 'channels_last',
    dilation_rate: [1, 1],
    depth_multiplier: 1,
    activation: 'linear',
    use_bias: false,
  });
}

/** Batch normalisation with the moving statistics of the source. */
export function addBatchNorm(
  draft: NetworkDraft,
  name: string,
  input: string,
  options: { part: string; channels: number; epsilon: number },
): string {
  const parameters = ['gamma', 'beta', 'moving_mean', 'moving_variance'] as const;
  for (const parameter of parameters) {
    const { part, channels } = options;
    draft.weights.push({ name: `${name}/${parameter}`, part, parameter, shape: [channels] });
  }
  return addLayer(draft, name, 'BatchNormalization', [input], {
    axis: -1,
    momentum: 0.997,
    epsilon: options.epsilon,
    center: true,
    scale: true,
  });
}

/** A fully connected layer without an activation. */
export function addDense(
  draft: NetworkDraft,
  name: string,
  input: string,
  options: { part: string; inUnits: number; units: number },
): string {
  const { part, inUnits, units } = options;
  const kernel = { name: `${name}/kernel`, part, parameter: 'kernel', shape: [inUnits, units] };
  const bias = { name: `${name}/bias`, part, parameter: 'bias', shape: [units] };
  draft.weights.push(kernel as WeightRecord, bias as WeightRecord);
  return addLayer(draft, name, 'Dense', [input], { units, activation: 'linear', use_bias: true });
}

/** An activation as a separate layer. */
export function addActivation(
  draft: NetworkDraft,
  name: string,
  input: string,
  activation: 'relu' | 'softmax',
): string {
  return addLayer(draft, name, 'Activation', [input], { activation });
}

/** Max pooling over square windows. */
export function addMaxPool(
  draft: NetworkDraft,
  name: string,
  input: string,
  options: { size: number; stride: number; padding: 'same' | 'valid' },
): string {
  return addLayer(draft, name, 'MaxPooling2D', [input], {
    pool_size: [options.size, options.size],
    strides: [options.stride, options.stride],
    padding: options.padding,
    data_format: 'channels_last',
  });
}

/** Adds zeros around the grid, equally many on opposite sides. */
export function addZeroPadding(
  draft: NetworkDraft,
  name: string,
  input: string,
  cells: number,
): string {
  return addLayer(draft, name, 'ZeroPadding2D', [input], {
    padding: [
      [cells, cells],
      [cells, cells],
    ],
    data_format: 'channels_last',
  });
}

/** Any layer without weights. */
export function addLayer(
  draft: NetworkDraft,
  name: string,
  className: string,
  inputs: readonly string[],
  config: Readonly<Record<string, unknown>> = {},
): string {
  draft.layers.push({ name, className, config, inputs });
  return name;
}
