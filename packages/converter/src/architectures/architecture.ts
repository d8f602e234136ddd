import type { LabelSet } from '../labels/labels.ts';
import type { NetworkDraft, WeightRecord } from './network.ts';

/** How pixels become the model's input: `x = (pixel(0..255) * scale - mean) / std`. */
export interface InputSpec {
  readonly height: number;
  readonly width: number;
  /** Order in which the model takes the channels; `mean` and `std` are in this order. */
  readonly channelOrder: 'rgb' | 'bgr';
  readonly scale: number;
  readonly mean: readonly number[];
  readonly std: readonly number[];
  readonly fit: 'crop' | 'squash' | 'letterbox';
  /** For `crop`: share of the short side that is kept. */
  readonly cropFraction: number;
  readonly resize: 'bilinear-antialias';
  /** For `letterbox`: colour of the bars, RGB, 0..255; the mean, which becomes zeros. */
  readonly pad: readonly number[];
}

/**
 * One way in which weights of an architecture are published: their names, and what the net that was
 * trained with them takes as input.
 */
export interface Variant {
  /** E.g. `tf-slim`, `tensorflow-vgg`. */
  readonly naming: string;
  readonly input: InputSpec;
  /** Names under which the source may hold a weight, the usual one first. */
  nameWeight(weight: WeightRecord): readonly string[];
}

/** A classifier that weights can be converted into. */
export interface Architecture {
  readonly id: string;
  /** For lists: `ResNet-50 v1 (TF-slim)`. */
  readonly title: string;
  /** Classes as published; a fine-tuned head may have another number. */
  readonly classes: number;
  /** Which class names belong to `classes`. */
  readonly labels: LabelSet;
  readonly variants: readonly Variant[];
  /** The weight whose length tells the number of classes: a bias. */
  readonly classWeight: string;
  /** Layer of the class scores, before softmax. */
  readonly logits: string;
  readonly defaultEndpoint: string;
  /** The net for a number of classes. */
  draft(classes: number): NetworkDraft;
  /** The net that fits the source's shapes, where one id stands for a family of widths. */
  specialise?(findShape: (tensor: string) => readonly number[] | undefined): Architecture;
}

/** Mean colour of ImageNet as TF-slim's `vgg_preprocessing` has it, RGB. */
export const SLIM_MEAN = [123.68, 116.78, 103.94] as const;

/** Mean colour of ImageNet as the Caffe nets behind the `.npy` files have it, RGB. */
export const CAFFE_MEAN = [123.68, 116.779, 103.939] as const;

/** Input of nets that only subtract a mean colour; `mean` is RGB, whatever the channel order. */
export function describeMeanInput(options: {
  size: number;
  channelOrder: 'rgb' | 'bgr';
  mean: readonly number[];
  cropFraction: number;
}): InputSpec {
  const { size, channelOrder, mean, cropFraction } = options;
  return {
    height: size,
    width: size,
    channelOrder,
    scale: 1,
    mean: channelOrder === 'rgb' ? [...mean] : [...mean].reverse(),
    std: [1, 1, 1],
    fit: 'crop',
    cropFraction,
    resize: 'bilinear-antialias',
    pad: [...mean],
  };
}

/** Input of nets that take -1 to 1: TF-slim's `inception_preprocessing`. */
export function describeInceptionInput(size: number): InputSpec {
  return {
    height: size,
    width: size,
    channelOrder: 'rgb',
    scale: 2 / 255,
    mean: [1, 1, 1],
    std: [1, 1, 1],
    fit: 'crop',
    cropFraction: 0.875,
    resize: 'bilinear-antialias',
    pad: [127.5, 127.5, 127.5],
  };
}

/** TF-slim's name for each parameter, under the scope of its layer. */
export function nameSlimParameter(weight: WeightRecord): string {
  switch (weight.parameter) {
    case 'kernel':
      return 'weights';
    case 'depthwise_kernel':
      return 'depthwise_weights';
    case 'bias':
      return 'biases';
    default:
      return `BatchNorm/${weight.parameter}`;
  }
}
