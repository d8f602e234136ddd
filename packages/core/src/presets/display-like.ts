import type { NdArray } from '../base/nd-array.ts';
import { createDisplayMap, type DisplayMap } from '../image/display-map.ts';
import type { Geometry } from '../image/geometry.ts';
import { mergeChannels } from '../image/pixel-map.ts';
import { applySteps } from './display-step.ts';
import type { Preset } from './preset.ts';
import { peerMethod } from './presets.ts';
import { fromValues, toValues } from './values.ts';

/**
 * A peer's displayed map, number by number, from a raw map.
 *
 * @param raw [rows, columns] of a layer, or [height, width, channels] at the input; where the peer's
 *   formula is another, what {@link PeerMethod}'s `gridMap` or `pixelMap` gives.
 * @param method our name of the method.
 * @param size the model's input size, at which peers show their maps.
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
 * A peer's displayed map over the original image, ready to be coloured: made at the model's input
 * size as the peer does, then laid over the original as the input lies there, half-pixel bilinear.
 * Of several channels the largest magnitude is shown. Values are those of {@link displayLike}, but
 * of a signed preset, which does not normalise, they are scaled as by {@link outlierScale}.
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
  // The map that comes back is divided by its largest magnitude, which is taken back here.
  const map = createDisplayMap(peer, false, geometry);
  const largest = peer.data.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  const values = map.values.map((value) => clip((value * largest) / scale));
  return { ...map, values };
}

/** Share of the sum of magnitudes that captum's colours span; what is above is cut. */
const SPANNED_SHARE = 0.98;

/**
 * The magnitude that full colour stands for: the value at which the magnitudes, added up from the
 * smallest, reach 98 % of their sum. 1 for a map of zeros.
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
