import type { StatedText } from './text-description.ts';

/** The channels of a model's picture: three colours in one of two orders, or one. */
export type ChannelOrder = 'rgb' | 'bgr' | 'gray';

/** A filter that resizes images. */
export type ResizeFilter = (typeof resizeFilters)[number];

/** All resize filters. They have antialiasing and are Pillow's BILINEAR, BICUBIC and LANCZOS. */
export const resizeFilters = [
  'bilinear-antialias',
  'bicubic-antialias',
  'lanczos-antialias',
] as const;

/** How pixels become the model's input: `x = (pixel(0..255) * scale - mean) / std`. */
export interface InputDescription {
  readonly height: number;
  readonly width: number;
  /**
   * Order of the channels in the model's input; `mean` and `std` are in this order too. `gray` is one
   * channel, the luma of the picture; `mean` and `std` then have one number.
   */
  readonly channelOrder: ChannelOrder;
  readonly scale: number;
  readonly mean: readonly number[];
  readonly std: readonly number[];
  /** How an image with another aspect ratio is fitted. */
  readonly fit: 'crop' | 'squash' | 'letterbox';
  /**
   * For `crop`: the share of the short side that is kept, 1 for all of it. For `squash`: the share of
   * each side that is kept after both sides were squashed. DeiT's processor and timm's `crop_mode:
   * squash` cut out the middle like this.
   */
  readonly cropFraction: number;
  /** The filter that resizes the image. It widens when the image shrinks, as in Pillow. */
  readonly resize: ResizeFilter;
  /** For `letterbox`: the colour of the bars as RGB, 0..255. */
  readonly pad: readonly number[];
}

/** The result for one fixed input, against which a copy of the model is checked. */
export interface Probe {
  readonly generator: string;
  readonly seed: number;
  /** The eight largest logits: [class, logit]. */
  readonly top: readonly (readonly [index: number, logit: number])[];
  readonly engine: string;
  /** Largest difference that a check allows, as a share of the range of the logits. */
  readonly tolerance: number;
  /** For a quantised model: the eight largest logits that its float32 weights gave. */
  readonly float32Top?: readonly (readonly [index: number, logit: number])[];
}

/**
 * `userDefinedMetadata.gradcam` of a `model.json`: facts that a LayersModel does not state itself.
 *
 * The converter writes it and core reads it. The two packages share no code, only this format.
 */
export interface ArtifactDescription {
  readonly schema: 1;
  readonly id: string;
  readonly architecture: string;
  readonly source: { readonly uri: string; readonly format: string; readonly sha256: string };
  /** The sha256 of each shard in hex, by the name of its file. */
  readonly shards: Readonly<Record<string, string>>;
  readonly input: InputDescription;
  /** The layer that gives the class scores, before softmax. */
  readonly logits: string;
  /** Layers by the names that users of the original model know, aliases included. */
  readonly endpoints: Readonly<Record<string, string>>;
  readonly defaultEndpoint: string;
  readonly labels?: readonly string[];
  readonly wnids?: readonly string[];
  /** For a model that reads a question or writes a caption: how its text becomes tokens. */
  readonly text?: StatedText;
  /** Facts that nothing in the source states. Each is a sentence that says what was assumed instead. */
  readonly assumed?: {
    readonly architecture?: string;
    readonly head?: string;
    readonly input?: string;
    readonly labels?: string;
  };
  readonly probe?: Probe;
}
