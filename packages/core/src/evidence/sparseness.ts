import type { NdArray } from '../base/nd-array.ts';
import { withoutResult, type Measurement } from './measurement.ts';
import { checkMap } from './subject.ts';

/**
 * Sparseness: the Gini index of the magnitudes, 0 for a flat map and nearly 1 for a map of a single pixel. It
 * says how concentrated a map is, not whether it is right.
 *
 * @param map [height, width]. A map of zeros has no result.
 * @throws GradcamError `argument` for another shape and for values that are not finite.
 * @see Chalasani et al. 2020, arXiv 1810.06583; Hurley and Rickard 2009, arXiv 0811.4706, table 1
 */
export function measureSparseness(map: NdArray): Measurement {
  checkMap(map);
  const about = { metric: 'sparseness', better: 'neither', settings: {} } as const;
  const sorted = Float64Array.from(map.data, Math.abs).sort();
  const sum = sorted.reduce((total, value) => total + value, 0);
  if (sum === 0) return withoutResult(about, 'the map is zero everywhere');
  const { length } = sorted;
  const weighted = sorted.reduce(
    (total, value, i) => total + (2 * (i + 1) - length - 1) * value,
    0,
  );
  return { ...about, value: weighted / (length * sum) };
}

/**
 * Complexity: the entropy of the magnitudes as shares of their sum, in nats; 0 for a map of a single pixel
 * and ln n for a flat map of n pixels.
 *
 * @param map [height, width]. A map of zeros has no result.
 * @throws GradcamError `argument` for another shape and for values that are not finite.
 * @see Bhatt et al. 2020, arXiv 2005.00631, section 3.3
 */
export function measureComplexity(map: NdArray): Measurement {
  checkMap(map);
  const about = { metric: 'complexity', better: 'neither', settings: {} } as const;
  const sum = map.data.reduce((total, value) => total + Math.abs(value), 0);
  if (sum === 0) return withoutResult(about, 'the map is zero everywhere');
  let entropy = 0;
  for (const value of map.data) {
    const share = Math.abs(value) / sum;
    if (share > 0) entropy -= share * Math.log(share);
  }
  return { ...about, value: entropy };
}
