/** Channels of a model's picture: three in one of two orders, or one. */
export type ChannelOrder = 'rgb' | 'bgr' | 'gray';

/** Filters by which images are resized, with antialiasing: Pillow's BILINEAR, BICUBIC, LANCZOS. */
export type ResizeFilter = (typeof resizeFilters)[number];

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
   * Order in which the model takes the channels; `mean` and `std` are in this order too. `gray` is one
   * channel, the luma of the picture; then `mean` and `std` have one number.
   */
  readonly channelOrder: ChannelOrder;
  readonly scale: number;
  readonly mean: readonly number[];
  readonly std: readonly number[];
  /** How an image of another shape is fitted. */
  readonly fit: 'crop' | 'squash' | 'letterbox';
  /**
   * For `crop`: share of the short side that is kept, 1 for all of it. For `squash`: share of each side that is kept
   * after both were squashed, as DeiT's processor and timm's `crop_mode: squash` cut the middle out.
   */
  readonly cropFraction: number;
  /** The filter; each is widened where an image shrinks, as Pillow does it. */
  readonly resize: ResizeFilter;
  /** For `letterbox`: colour of the bars, 0..255, RGB. */
  readonly pad: readonly number[];
}

/** A fixed input's result, by which a copy of the model is checked. */
export interface Probe {
  readonly generator: string;
  readonly seed: number;
  /** The eight largest logits: [class, logit]. */
  readonly top: readonly (readonly [index: number, logit: number])[];
  readonly engine: string;
  /** Relative to the range of the logits. */
  readonly tolerance: number;
  /** Of a quantised model: the eight largest logits of its float32 weights. */
  readonly float32Top?: readonly (readonly [index: number, logit: number])[];
}

/**
 * `userDefinedMetadata.gradcam` of a `model.json`: what a LayersModel alone does not say.
 *
 * The converter writes it, core reads it; the two share no code, only this shape.
 */
export interface ArtifactDescription {
  readonly schema: 1;
  readonly id: string;
  readonly architecture: string;
  readonly source: { readonly uri: string; readonly format: string; readonly sha256: string };
  /** Shard file to its sha256 in hex. */
  readonly shards: Readonly<Record<string, string>>;
  readonly input: InputDescription;
  /** Layer of the class scores, before softmax. */
  readonly logits: string;
  /** Names that users of the source know, aliases too, to layers. */
  readonly endpoints: Readonly<Record<string, string>>;
  readonly defaultEndpoint: string;
  readonly labels?: readonly string[];
  readonly wnids?: readonly string[];
  readonly probe?: Probe;
}
