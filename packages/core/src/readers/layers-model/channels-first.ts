import type { LayerRecord } from './keras-topology.ts';
import { AXIS_FUNCTIONS } from './layers/activation-functions.ts';
import type { Value } from './layers/layer-reader.ts';
import { emitNode, type Reading } from './reading.ts';

/** A call of a layer whose images have their channels last. */
export interface TurnedCall {
  readonly layer: LayerRecord;
  readonly inputs: readonly Value[];
  /** Whether the layer itself has the channels of its output first, so that the output is turned too. */
  readonly isTurned: boolean;
}

/**
 * Turns the images of a call so that their channels are last, where the layer itself has them in the first
 * place. The op set has images as [height, width, channels], and kernels have the same axes either way.
 * A value with {@link Value.isTurned} is such an image, which the model has as [channels, height, width]. It
 * is turned back for every other layer, so that each computes what the model says.
 *
 * @param name the layer's name with the names of the models around it.
 */
export function turnChannels(
  layer: LayerRecord,
  name: string,
  inputs: readonly Value[],
  reading: Reading,
): TurnedCall {
  const config = turnedConfig(layer, inputs);
  const turn = config === null ? channelsFirst : channelsLast;
  const turned = inputs.map((value, i) => turn(value, `${name}/input ${i + 1}`, reading));
  if (config === null) return { layer, inputs: turned, isTurned: false };
  return { layer: { ...layer, config }, inputs: turned, isTurned: true };
}

/** The image as the model has it, with its channels first. Other values stay as they are. */
export function channelsFirst(value: Value, name: string, reading: Reading): Value {
  if (value.isTurned !== true) return value;
  return permute(value, `${name} with channels first`, [2, 0, 1], reading);
}

function channelsLast(value: Value, name: string, reading: Reading): Value {
  if (value.isTurned === true) return value;
  // A picture enters the network with its channels last, and only the model's order turned it.
  const { op, inputs } = reading.nodes.get(value.node)!;
  const source = reading.nodes.get(inputs[0] ?? '');
  if (op.kind === 'permute' && op.dims.join() === '2,0,1' && source !== undefined) {
    return { node: source.name, shape: source.shape };
  }
  return permute(value, `${name} with channels last`, [1, 2, 0], reading);
}

function permute(value: Value, name: string, dims: readonly number[], reading: Reading): Value {
  const shape = dims.map((axis) => value.shape[axis]!);
  return emitNode(reading, { name, op: { kind: 'permute', dims }, inputs: [value], shape });
}

/** Marks the outputs of a turned call that are images. */
export function markTurned(outputs: readonly Value[]): readonly Value[] {
  return outputs.map((value) =>
    value.shape.length === 3 ? { ...value, isTurned: true as const } : value,
  );
}

/** The configuration of the same layer on images with channels last; null for a layer that is not turned. */
function turnedConfig(
  { className, config }: LayerRecord,
  inputs: readonly Value[],
): LayerRecord['config'] | null {
  if (inputs.length === 0 || inputs.some(({ shape }) => shape.length !== 3)) return null;
  if (ofImages.test(className)) {
    const isFirst = /^channels_?first$/i.test(String(config['data_format']));
    return isFirst && isOfEachNumber(config) ? { ...config, data_format: 'channels_last' } : null;
  }
  const isAny = inputs.some(({ isTurned }) => isTurned === true);
  if (normalisation.test(className)) {
    const axis: unknown = Array.isArray(config['axis']) ? onlyOf(config['axis']) : config['axis'];
    return axis === 1 || axis === -3 ? { ...config, axis: -1 } : null;
  }
  if (!isAny) return null;
  if (className === 'Concatenate') {
    const axis = PLACES.get(config['axis'] ?? -1);
    return axis === undefined ? null : { ...config, axis };
  }
  return ofNumbers.test(className) && isOfEachNumber(config) ? config : null;
}

/** Concatenate's axes in the model, and the same ones with channels last. */
const PLACES: ReadonlyMap<unknown, number> = new Map([
  ...([1, -3] as const).map((axis) => [axis, 3] as const),
  ...([2, -2] as const).map((axis) => [axis, 1] as const),
  ...([3, -1] as const).map((axis) => [axis, 2] as const),
]);

/** Layers with a `data_format`. Flatten with channels first puts the channels last before it flattens. */
const ofImages =
  /^((Separable|Depthwise)?Conv2D(Transpose)?|(Convolution|Deconvolution)2D(Transpose)?|(Adaptive|Global)?(Max|Average|Avg)Pool(ing)?2D|ZeroPadding2D|Cropping2D|UpSampling2D|SpatialDropout2D|Flatten)$/;

/** Layers whose weights lie along one axis, which they state. */
const normalisation = /^(BatchNormalization(V[12])?|GroupNormalization)$/;

/** Layers that treat every number alike, wherever it is. */
const ofNumbers =
  /^(Activation|ReLU|LeakyReLU|ELU|ThresholdedReLU|(Gaussian|Alpha)?Dropout|GaussianNoise|ActivityRegularization|Identity|Add|Subtract|Multiply|Average|Maximum|Minimum)$/;

/** Functions such as softmax go along the last axis, which is not the channels here. */
function isOfEachNumber({ activation }: LayerRecord['config']): boolean {
  return activation === undefined || activation === null
    ? true
    : typeof activation === 'string' && !AXIS_FUNCTIONS.has(activation);
}

function onlyOf(axes: readonly unknown[]): unknown {
  return axes.length === 1 ? axes[0] : undefined;
}
