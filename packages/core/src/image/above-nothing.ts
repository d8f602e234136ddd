import type { NdArray } from '../base/nd-array.ts';

/**
 * Differences from "nothing" below this share of it are roundings of float32 scores: without it the
 * map of a score that never changes would be their noise, drawn in full colour.
 */
const ROUNDING = 1e-6;

/**
 * A raw map as far as it differs from the value that means "nothing", which is what is displayed of
 * RISE (the mean score behind a mask) and FullGrad (what all pixels share).
 *
 * @param nothing as an explanation has it; 0 or undefined gives the map itself.
 */
export function aboveNothing(raw: NdArray, nothing = 0): NdArray {
  if (nothing === 0) return raw;
  const least = ROUNDING * Math.abs(nothing);
  const data = raw.data.map((value) => {
    const difference = value - nothing;
    return Math.abs(difference) <= least ? 0 : difference;
  });
  return { shape: raw.shape, data };
}
