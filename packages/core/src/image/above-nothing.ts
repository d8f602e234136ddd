import type { NdArray } from '../base/nd-array.ts';

/**
 * Differences from the zero level below this share of it are rounding errors of float32 scores. If they
 * counted, the map of a score that never changes would show that noise in full colour.
 */
const ROUNDING = 1e-6;

/**
 * A raw map minus its zero level, as it is displayed. RISE's zero level is the mean score behind a mask,
 * FullGrad's is the value that all pixels share.
 *
 * @param raw of any shape.
 * @param nothing the zero level, as an explanation states it; 0 or undefined returns the map itself.
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
