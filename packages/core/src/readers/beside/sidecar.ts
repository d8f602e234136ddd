import type { InputDescription, ResizeFilter } from '../../artifact/artifact.ts';
import type { ClassNames } from '../labels/labels.ts';

/** What a file beside a model says of the model's input; what it leaves out is for others to say. */
export interface SidecarInput {
  readonly size?: readonly [height: number, width: number];
  /** `x = (pixel(0..255) * scale - mean) / std`; one number, or one for each channel. */
  readonly pixels?: {
    readonly scale: number;
    readonly mean: readonly number[];
    readonly std: readonly number[];
  };
  /** Order of the channels; `gray` is one. */
  readonly channelOrder?: 'rgb' | 'bgr' | 'gray';
  /** The filter by which images are resized. */
  readonly resize?: ResizeFilter;
  readonly fit?: Pick<InputDescription, 'fit' | 'cropFraction'> & {
    /** For `letterbox`: colour of the bars, 0..255, RGB. */
    readonly pad?: readonly number[];
  };
}

/** What one file beside a model says of it. */
export interface Sidecar {
  /** Its name, in the model's folder. */
  readonly file: string;
  readonly classNames?: ClassNames;
  readonly input?: SidecarInput;
  readonly defaultLayer?: string;
  /** Of a model with several inputs: the one that takes the picture. */
  readonly imageInput?: string;
  /** What of it is not followed, one line each. */
  readonly notUsed?: readonly string[];
}

/** The files beside a model that say something of it, in the order in which they are believed. */
export interface Sidecars {
  readonly found: readonly Sidecar[];
  /** Files that cannot be read, with the reason, one line each. */
  readonly notUsed: readonly string[];
}

/** Of a model beside which nothing lies. */
export const noSidecars: Sidecars = { found: [], notUsed: [] };
