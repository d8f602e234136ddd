import type { NdArray } from '../base/nd-array.ts';
import { createDisplayMap, type DisplayMap } from '../image/display-map.ts';
import type { Geometry } from '../image/geometry.ts';
import { mergeChannels } from '../image/pixel-map.ts';
import { applySteps } from './display-step.ts';
import type { Preset } from './preset.ts';
import { peerMethod } from './presets.ts';
import { fromValues, toValues } from './values.ts';

/**
 * Computes a peer's displayed map, with the peer's own numbers, from a raw map.
 *
 * @param raw [rows, columns] of a layer, or [height, width, channels] at the input; where the peer's
 *   formula is another, what {@link PeerMethod}'s `gridMap` or `pixelMap` gives.
 * @param method our name of the method.
 * @param size the model's input size, in which peers show their maps.
 * @returns [height, width], or with channels for peers that show gradients in colour.
 * @throws GradcamError `unsupported` for a method that the peer does not offer.
 */
export function displayLike(
  raw: NdArray,
  preset: Preset,
  method: string,
  size: { readonly width: number; readonly height: number },
): NdArray {
  const steps = peerMethod(preset, method).display ?? preset.display;
  return fromValues(applySteps(toValues(raw), steps, size));
}

/**
 * A peer's displayed map over the original image, ready to be coloured. It is computed in the model's input
 * size, as the peer does, and then placed over the original where the input lies (bilinear, half-pixel).
 * Several channels are merged to the largest magnitude. The values are those of {@link displayLike}, so that
 * those of a kernel that overshoots, as torchcam's, may be above 1 or below 0. A signed preset does not
 * normalise: its values are divided by {@link outlierScale} and cut at -1 and 1.
 *
 * @throws GradcamError `unsupported` for a method that the peer does not offer.
 */
export function displayMapLike(
  raw: NdArray,
  preset: Preset,
  method: string,
  geometry: Geometry,
): DisplayMap {
  const peer = mergeChannels(displayLike(raw, preset, method, geometry.input));
  const scale = preset.signed ? outlierScale(peer.data) : 1;
  // createDisplayMap divides by the largest magnitude; this multiplies by it again.
  const map = createDisplayMap(peer, false, geometry);
  const largest = peer.data.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  const values = map.values.map((value) =>
    preset.signed ? clip((value * largest) / scale) : value * largest,
  );
  return { ...map, values };
}

/** Share of the sum of magnitudes that captum's colours span; larger magnitudes get the full colour. */
const SPANNED_SHARE = 0.98;

/**
 * The magnitude that gets the full colour: the one at which the magnitudes, added from the smallest on, reach
 * 98 % of their sum. 1 for a map of zeros.
 *
 * @see pytorch/captum: captum/attr/_utils/visualization.py, `outlier_perc=2`
 */
export function outlierScale(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values, Math.abs).sort();
  const wanted = SPANNED_SHARE * sorted.reduce((sum, value) => sum + value, 0);
  let sum = 0;
  const found = sorted.find((value) => (sum += value) >= wanted);
  return found === undefined || found === 0 ? 1 : found;
}

function clip(value: number): number {
  return Math.min(1, Math.max(-1, value));
}
