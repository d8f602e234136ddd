import type { MethodName } from '../methods/method-names.ts';
import type { NdArray } from '../base/nd-array.ts';
import { aboveNothing } from '../image/above-nothing.ts';
import { createDisplayMap, type DisplayMap } from '../image/display-map.ts';
import type { Geometry } from '../image/geometry.ts';
import { mergeChannels } from '../image/pixel-map.ts';
import { displayMapLike } from '../presets/display-like.ts';
import type { PeerMap } from '../presets/explain-like-peer.ts';
import { findPreset } from '../presets/presets.ts';
import type { Diagnostics, Prediction, Target } from '../run/run.ts';

/** Why the model scored one target as it did, at one layer, by one method. */
export interface Explanation {
  readonly method: MethodName;
  /** A value for each cell of a layer, or for each channel of each pixel of the model's input. */
  readonly kind: 'grid' | 'pixels';
  /**
   * As asked for; for `auto` the layer that was chosen; of several in one map their names with `+`
   * between; the input's name for a method without one.
   */
  readonly layer: string;
  readonly target: Target;
  /** The target's logit (of `not:` its negative, of a contrast the difference), or a function's value. */
  readonly score: number;
  /**
   * Before the ReLU, signed, not normalised. Of kind `grid` [rows, columns] at layer resolution, of
   * kind `pixels` [height, width, 3] in the model's input size, RGB. Of several layers in one map: what
   * `fuseMaps` makes of theirs, at the finest grid, from 0 to 0.964.
   */
  readonly raw: NdArray;
  /** Whether the displayed map cuts negative evidence. */
  readonly relu: boolean;
  /** The raw value that means "nothing", where that is not 0: the displayed map is of raw minus this. */
  readonly nothing?: number;
  /** With the option `like`: that peer's own raw map, which the displayed one is made from. */
  readonly like?: PeerMap;
  /** Centre of the largest raw cell (of pixels: of the largest magnitude), in pixels of the original. */
  readonly peak: { readonly x: number; readonly y: number };
  readonly diagnostics: Diagnostics;
}

/** All explanations of one image. */
export interface ImageExplanation {
  /** The five most probable classes, best first; of a detector all boxes that are listed. */
  readonly predictions: readonly Prediction[];
  /** In words, where the picture seems to show nothing that the model knows. */
  readonly doubt?: string;
  /** What was assumed of this image's outputs, one line each. */
  readonly notes?: readonly string[];
  readonly explanations: readonly Explanation[];
  readonly geometry: Geometry;
}

/**
 * The map of an explanation over the original image; of pixels, the largest magnitude of each. Of an
 * explanation like a peer's, the peer's.
 */
export function displayMapOf(
  explanation: Pick<Explanation, 'raw' | 'relu' | 'like' | 'nothing'>,
  geometry: Geometry,
): DisplayMap {
  const { like, raw, relu, nothing } = explanation;
  if (like !== undefined) {
    return displayMapLike(like.raw, findPreset(like.preset), like.method, geometry);
  }
  return createDisplayMap(mergeChannels(aboveNothing(raw, nothing)), relu, geometry);
}
