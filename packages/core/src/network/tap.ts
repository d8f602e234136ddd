import type { TokenPlaces } from './grid/grid.ts';

/** A layer whose output is an image or a list of tokens, so that a map can be computed at it. */
export interface Tap {
  /** The layer's name as its author gave it. */
  readonly layer: string;
  readonly node: string;
  /**
   * The shape [height, width, channels] of its grid. Tokens that are not cells of the picture are not
   * counted.
   */
  readonly shape: readonly number[];
  readonly op: string;
  /** Whether it comes after an activation: see `isActivation`. */
  readonly activated: boolean;
  /** The tokens that are not cells of the picture; absent for an image. */
  readonly tokens?: TokenPlaces;
}
