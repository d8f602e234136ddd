import type { ArtifactDescription, InputDescription } from '../artifact/artifact.ts';
import { dropUndefined } from '../base/drop-undefined.ts';
import { GradcamError } from '../base/errors.ts';
import { findNode, type Network } from '../network/network.ts';
import type { OwnScaling, PixelRange } from '../readers/beside/own-scaling.ts';
import {
  caffePixels,
  findApplication,
  sayApplication,
} from '../readers/beside/keras-applications.ts';
import { looksLikeTeachableMachine } from '../readers/beside/teachable-machine.ts';
import type { Told } from '../readers/beside/resolve-sidecars.ts';
import { assumeFit, YOLOX_PIXELS } from './assume-fit.ts';
import type { ModelOverrides } from './description.ts';
import { noteCutPixels, sayScaling } from './note-scaling.ts';

/** Where facts about an input come from, besides the caller, and the two lists that are told to the user. */
export interface InputSources {
  /** Facts from files beside the model. */
  readonly told: Told;
  /** The scaling that the model's first layers do. */
  readonly scaling: OwnScaling | null;
  /** Whether the model takes pictures of any size and resizes them itself, without keeping their shape. */
  readonly resizes: boolean;
  /** Whether the model is a YOLOX without its decoder. */
  readonly isYolox: boolean;
  /** Receives a line for each assumption. */
  readonly assumptions: string[];
  /** Receives a line for each fact that was read, with its source. */
  readonly readFrom: string[];
}

/**
 * Describes how pixels become the model's input. Each fact comes from the first of these sources that
 * states it: the caller, the model's own description, files beside it, its first layers. A fact that none
 * of them states is assumed.
 *
 * @throws GradcamError `argument` for numbers and channels that the model does not have, `unsupported` for
 * a model that takes no picture, `model` for a description of another size.
 */
export function describeInput(
  network: Network,
  artifact: ArtifactDescription | null,
  overrides: ModelOverrides,
  sources: InputSources,
): InputDescription {
  const { assumptions } = sources;
  if (artifact !== null) assumptions.push(...noteOverridden(overrides));
  const base =
    artifact === null
      ? assumeInput(network, overrides, sources)
      : resizeInput(artifact.input, network, overrides);
  const isGray = base.channelOrder === 'gray';
  if (overrides.channelOrder !== undefined && (overrides.channelOrder === 'gray') !== isGray) {
    throw new GradcamError(
      'argument',
      `channel order ${overrides.channelOrder}: the model takes ${isGray ? 'one channel, gray' : 'three channels'}`,
    );
  }
  const channels = isGray ? 1 : 3;
  const { inputRange, mean, std, channelOrder, fit, cropFraction, resize } = overrides;
  return {
    ...base,
    ...(inputRange && rangeToScale(inputRange, channels)),
    ...(fit && placeAs(fit, base)),
    ...dropUndefined({
      mean: mean && forChannels('mean', mean, channels),
      std: std && forChannels('std', std, channels),
      channelOrder,
      cropFraction,
      resize,
    }),
  };
}

/** Keeps the described crop fraction, unless the stated fit is `squash` and the described one is not. */
function placeAs(
  fit: InputDescription['fit'],
  base: InputDescription,
): Pick<InputDescription, 'fit' | 'cropFraction'> {
  return { fit, cropFraction: fit === base.fit || fit !== 'squash' ? base.cropFraction : 1 };
}

/**
 * Checks the size in the model's own description against the network, before an image of that size is made.
 * If the network leaves its size open, the size that the caller states replaces the described one.
 */
function resizeInput(
  input: InputDescription,
  network: Network,
  { inputSize }: ModelOverrides,
): InputDescription {
  const shapes = network.inputs.map((name) => findNode(network, name).shape);
  const fits = ({ height, width }: { height: number; width: number }): boolean =>
    shapes.some((shape) => shape[0] === height && shape[1] === width);
  if (fits(input)) return input;
  const [height = 0, width = 0] = inputSize ?? [];
  if (fits({ height, width })) return { ...input, height, width };
  const found = shapes.map((shape) => `[${shape.join(', ')}]`).join(', ');
  throw new GradcamError(
    'model',
    `model.json userDefinedMetadata.gradcam.input: ${input.height}x${input.width} pixels, but the network's input is ${found}; convert the model again`,
  );
}

/** Checks that there is one finite number for each channel. */
function forChannels(
  name: 'mean' | 'std',
  numbers: readonly number[],
  channels: 1 | 3,
): readonly number[] {
  if (numbers.length === channels && numbers.every((value) => Number.isFinite(value))) {
    return numbers;
  }
  const expected = channels === 3 ? 'three numbers' : 'one number, as the model takes one channel';
  throw new GradcamError('argument', `${name}: expected ${expected}, got ${numbers.join(', ')}`);
}

/**
 * A mean without a range is one of pixels from 0 to 255. PyTorch's programs write it for pixels from 0 to 1,
 * where the same numbers leave a picture a hundred times too bright, which no error shows.
 */
function noteSmallMean({ mean, inputRange }: ModelOverrides, { pixels }: Told): string[] {
  if (mean === undefined || inputRange !== undefined || pixels !== undefined) return [];
  if (!mean.some((value) => value !== 0) || mean.some((value) => Math.abs(value) > 1)) return [];
  return [
    `the mean ${mean.join(', ')} counts for pixels from 0 to 255; such small ones are usually for pixels from 0 to 1 (state --input-range 0..1 too)`,
  ];
}

/** Says which described facts the caller replaces, because each of them changes the model's numbers. */
function noteOverridden(overrides: ModelOverrides): string[] {
  const names = { inputRange: 'range', mean: 'mean', std: 'std', channelOrder: 'channel order' };
  const stated = Object.entries(names).flatMap(([key, name]) =>
    overrides[key as keyof typeof names] === undefined ? [] : [name],
  );
  if (stated.length === 0) return [];
  return [`input ${stated.join(', ')} as stated, instead of what the model's own description says`];
}

function assumeInput(
  network: Network,
  overrides: ModelOverrides,
  { told, scaling, resizes, isYolox, assumptions, readFrom }: InputSources,
): InputDescription {
  const [height, width, channels] = requireImage(network);
  const isStated = overrides.inputRange !== undefined || overrides.mean !== undefined;
  const isTeachable = scaling === null && looksLikeTeachableMachine(network);
  const isOpen = !isStated && told.pixels === undefined;
  const mayBe = scaling === null && isOpen && channels === 3;
  const isPlainYolox = mayBe && isYolox;
  const application = mayBe && !isYolox ? findApplication(network) : null;
  const preparation = application?.isBase === false ? application.preparation : null;
  const isCaffe = preparation === 'caffe';
  const isSigned = isTeachable || preparation !== null;
  const usual = scaling?.range ?? (isPlainYolox ? '0..255' : isSigned ? '-1..1' : '0..1');
  const { channelOrder: stated } = overrides;
  const known = stated === 'rgb' || stated === 'bgr' ? stated : told.channelOrder;
  const assumed = assumeFit(resizes, isPlainYolox, `${height}x${width}`);
  const order = known ?? (isCaffe || isPlainYolox ? 'bgr' : 'rgb');
  if (isOpen) {
    if (isTeachable) {
      assumptions.push(
        'pixels are scaled to -1..1, as Teachable Machine trains, whose layers the model has (--input-range changes it)',
      );
    } else if (isPlainYolox) {
      assumptions.push(YOLOX_PIXELS);
    } else if (application !== null) {
      assumptions.push(sayApplication(application));
    } else if (scaling === null) {
      assumptions.push('pixels are scaled to 0..1 (state it with --input-range, --mean, --std)');
    } else {
      readFrom.push(`${sayScaling(scaling)} (state another with --input-range)`);
    }
  }
  if (scaling?.isWhole === true) assumptions.push(...noteCutPixels(scaling, overrides, told));
  assumptions.push(...noteSmallMean(overrides, told));
  if (channels === 1) {
    assumptions.push(
      'pictures are made gray, by their luma 0.299 R + 0.587 G + 0.114 B, since the model takes one channel',
    );
  } else if (overrides.channelOrder === undefined && told.channelOrder === undefined) {
    assumptions.push(`channels are ${order.toUpperCase()} (state it with --channels)`);
  }
  if (overrides.fit === undefined && told.fit === undefined) {
    assumptions.push(assumed.line);
  }
  return {
    height,
    width,
    channelOrder: channels === 1 ? 'gray' : order,
    // A mean is stated in units of 0..255 pixels, as for the classic nets.
    ...(told.pixels ?? rangeToScale(overrides.mean === undefined ? usual : '0..255', channels)),
    ...(isCaffe && caffePixels(order)),
    cropFraction: 1,
    resize: told.resize ?? 'bilinear-antialias',
    ...assumed.placed,
    ...told.fit,
  };
}

/** The shape of the first input that takes a picture; null for a model without one. */
export function findImage(
  network: Network,
): [height: number, width: number, channels: 1 | 3] | null {
  const shapes = network.inputs.map((name) => findNode(network, name).shape);
  const image = shapes.find(
    (shape) => shape.length === 3 && (shape[2] === 1 || shape[2] === 3) && shape[0]! > 1,
  );
  return image === undefined ? null : (image as [number, number, 1 | 3]);
}

function requireImage(network: Network): [height: number, width: number, channels: 1 | 3] {
  const image = findImage(network);
  if (image !== null) return image;
  const shapes = network.inputs.map((name) => findNode(network, name).shape);
  const found = shapes.map((shape) => `[${shape.join(', ')}]${nameOfInput(shape)}`).join(', ');
  throw new GradcamError(
    'unsupported',
    `model ${network.name}: expected a picture as input, [height, width, 3], [height, width, 1] or [height, width], found ${found || 'no input'}`,
  );
}

/** How a list of numbers becomes a picture if it may be the pixels of a square, as 784 are of digits. */
function sayReshape(numbers: number): string {
  const side = Math.sqrt(numbers);
  if (!Number.isInteger(side) || side < 8) return '';
  return `; if they are ${side}x${side} pixels, save the model with an input [${side}, ${side}, 1] and a Flatten after it`;
}

/** Describes an input that is not a picture. */
function nameOfInput(shape: readonly number[]): string {
  const [first, second, channels] = shape;
  if (shape.length === 1) return `, ${first} numbers${sayReshape(first!)}`;
  if (shape.length === 2) return `, a signal of ${first} steps and ${second} features`;
  if (shape.length === 3) {
    // PyTorch's order: the channels, then the sides of the picture.
    const isFirst = first! < Math.min(second!, channels!);
    const has = isFirst ? `${first} channels before height and width` : `${channels} channels`;
    return `, ${has}, where a picture has 3 or 1`;
  }
  return ', a volume or a film';
}

function rangeToScale(
  range: PixelRange,
  channels: 1 | 3,
): Pick<InputDescription, 'scale' | 'mean' | 'std'> {
  const all = (value: number): number[] => Array.from({ length: channels }, () => value);
  const std = all(1);
  if (range === '0..255') return { scale: 1, mean: all(0), std };
  if (range === '0..1') return { scale: 1 / 255, mean: all(0), std };
  return { scale: 1 / 127.5, mean: all(1), std };
}
