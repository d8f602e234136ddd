import type { LabelSet } from '../labels/labels.ts';
import type { NetworkDraft, WeightRecord } from './network.ts';

/** How pixels become the model's input: `x = (pixel(0..255) * scale - mean) / std`. */
export interface InputSpec {
  readonly height: number;
  readonly width: number;
  /**
   * Order of the channels in the model's input. `mean` and `std` are in this order too. `gray` is one
   * channel, the luma, with one number each.
   */
  readonly channelOrder: 'rgb' | 'bgr' | 'gray';
  readonly scale: number;
  readonly mean: readonly number[];
  readonly std: readonly number[];
  readonly fit: 'crop' | 'squash' | 'letterbox';
  /** For `crop`: the share of the short side that is kept. */
  readonly cropFraction: number;
  readonly resize: 'bilinear-antialias' | 'bicubic-antialias';
  /** For `letterbox`: the colour of the bars as RGB, 0..255. It is the mean colour, which becomes zeros. */
  readonly pad: readonly number[];
}

/**
 * One form in which weights of an architecture are published: the names of the weights, and the input for
 * which they were trained.
 */
export interface Variant {
  /** Name of this form, for example `tf-slim` or `tensorflow-vgg`. */
  readonly naming: string;
  readonly input: InputSpec;
  /** `torch`: kernels have the axes of PyTorch in the source. Default: those of TensorFlow. */
  readonly layout?: 'torch' | undefined;
  /** The names that a weight may have in the source, the usual one first. */
  nameWeight(weight: WeightRecord): readonly string[];
}

/** A classifier into which weights can be converted. */
export interface Architecture {
  readonly id: string;
  /** The title in lists, such as `ResNet-50 v1 (TF-slim)`. */
  readonly title: string;
  /** Number of published classes. A fine-tuned head may have another number. */
  readonly classes: number;
  /** The class names that belong to `classes`. */
  readonly labels: LabelSet;
  readonly variants: readonly Variant[];
  /** The bias whose length is the number of classes. */
  readonly classWeight: string;
  /** The layer of the class scores, before softmax. */
  readonly logits: string;
  readonly defaultEndpoint: string;
  /** The net for a given number of classes. */
  draft(classes: number): NetworkDraft;
  /** For an id that stands for a family of widths: the net that fits the shapes in the source. */
  specialise?(findShape: (tensor: string) => readonly number[] | undefined): Architecture;
}

/** Mean colour of ImageNet in TF-slim's `vgg_preprocessing`, as RGB. */
export const SLIM_MEAN = [123.68, 116.78, 103.94] as const;

/** Mean colour of ImageNet in the Caffe nets from which the `.npy` files were made, as RGB. */
export const CAFFE_MEAN = [123.68, 116.779, 103.939] as const;

/**
 * Describes the input of nets that only subtract a mean colour. `mean` is RGB, whatever the channel order.
 */
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

/** Describes the input of nets that take values from -1 to 1: TF-slim's `inception_preprocessing`. */
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
