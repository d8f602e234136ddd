import type { MethodName } from '../methods/method-names.ts';
import type { NdArray } from '../base/nd-array.ts';
import { aboveNothing } from '../image/above-nothing.ts';
import { createDisplayMap, type DisplayMap } from '../image/display-map.ts';
import type { Geometry } from '../image/geometry.ts';
import { mergeChannels } from '../image/pixel-map.ts';
import { displayMapLike } from '../presets/display-like.ts';
import type { PeerMap } from '../presets/explain-like-peer.ts';
import { findPreset } from '../presets/presets.ts';
import type { Diagnostics, FixationPoint, Prediction, Target } from '../run/result-line.ts';
import type { ResultText } from '../run/result-text.ts';

/** Why the model scored one target as it did, at one layer, by one method. */
export interface Explanation {
  readonly method: MethodName;
  /**
   * `grid`: a value for each cell of a layer. `pixels`: a value for each channel of each pixel of the input.
   */
  readonly kind: 'grid' | 'pixels';
  /**
   * The layer's name as it was asked for; for `auto` the chosen layer. Layers that are fused into one map
   * have `+` between their names. For a method without a layer it is the input's name.
   */
  readonly layer: string;
  readonly target: Target;
  /** The target's logit (for `not:` its negative, for a contrast the difference), or a function's value. */
  readonly score: number;
  /**
   * The map before the ReLU, signed and not normalised: [rows, columns] at the layer's resolution for kind
   * `grid`, [height, width, 3] at the model's input size in RGB for kind `pixels`. For several layers it is
   * the map of `fuseMaps`, at the finest grid, from 0 to 0.964.
   */
  readonly raw: NdArray;
  /** Whether the displayed map cuts negative evidence. */
  readonly relu: boolean;
  /**
   * The raw value where nothing speaks for or against the score, if that is not 0. The displayed map shows
   * the raw map minus this value.
   */
  readonly nothing?: number;
  /**
   * CNN-Fixations: the pixels of the original that the score goes back to, row by row, without outliers.
   * Those on the bars of a letterbox are left out.
   */
  readonly points?: readonly FixationPoint[];
  /** With the option `like`: the raw map of that library, from which the displayed map is made. */
  readonly like?: PeerMap;
  /**
   * Centre of the largest raw cell (for kind `pixels`, of the largest magnitude), in pixels of the original.
   */
  readonly peak: { readonly x: number; readonly y: number };
  readonly diagnostics: Diagnostics;
}

/** All explanations of one image. */
export interface ImageExplanation {
  /** The five most probable classes, best first; for a detector, all boxes that are listed. */
  readonly predictions: readonly Prediction[];
  /** For a model that reads a text: the question and the model's answer. */
  readonly text?: ResultText;
  /** A sentence that says so if the picture seems to show nothing that the model knows; otherwise absent. */
  readonly doubt?: string;
  /** One line for each assumption about this image's outputs. */
  readonly notes?: readonly string[];
  readonly explanations: readonly Explanation[];
  readonly geometry: Geometry;
}

/**
 * The map of an explanation over the original image. For kind `pixels` it shows the largest magnitude of each
 * pixel's channels; with the option `like` it is that library's map.
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
