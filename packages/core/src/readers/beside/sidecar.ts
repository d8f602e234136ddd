import type { InputDescription, ResizeFilter } from '../../artifact/artifact.ts';
import type { StatedText } from '../../artifact/text-description.ts';
import type { BoxReading } from '../../network/box-reading.ts';
import type { ClassNames } from '../labels/labels.ts';

/**
 * The facts about the model's input in one file beside the model. Facts that it leaves out come from
 * other sources.
 */
export interface SidecarInput {
  readonly size?: readonly [height: number, width: number];
  /**
   * `x = (pixel(0..255) * scale - mean) / std`. The lists have one number, or one for each channel.
   */
  readonly pixels?: {
    readonly scale: number;
    readonly mean: readonly number[];
    readonly std: readonly number[];
  };
  /** Order of the channels; `gray` is a single channel. */
  readonly channelOrder?: 'rgb' | 'bgr' | 'gray';
  /** The filter that resizes images. */
  readonly resize?: ResizeFilter;
  readonly fit?: Pick<InputDescription, 'fit' | 'cropFraction'> & {
    /** For `letterbox`: the colour of the bars as RGB, 0..255. */
    readonly pad?: readonly number[];
  };
}

/** The facts in one file beside the model. */
export interface Sidecar {
  /** The name of the file in the model's folder. */
  readonly file: string;
  readonly classNames?: ClassNames;
  readonly input?: SidecarInput;
  readonly defaultLayer?: string;
  /** For a model with several inputs: the input that takes the picture. */
  readonly imageInput?: string;
  /** How a detector's boxes are read. */
  readonly boxes?: BoxReading;
  /** How a question or caption becomes tokens. */
  readonly text?: StatedText;
  /** Facts of the file that are not followed, one line each. */
  readonly notUsed?: readonly string[];
}

/** The files beside a model that describe it, the most trusted first. */
export interface Sidecars {
  readonly found: readonly Sidecar[];
  /** Files that cannot be read, with the reason, one line each. */
  readonly notUsed: readonly string[];
}

/** For a model without files beside it. */
export const noSidecars: Sidecars = { found: [], notUsed: [] };
