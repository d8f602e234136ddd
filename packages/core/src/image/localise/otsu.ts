import type { DisplayMap } from '../display-map.ts';

/** Grey levels of the histogram, as in the paper. */
const LEVELS = 256;

/**
 * Otsu's threshold: the value that splits a map into two classes with the largest variance between them.
 * The histogram has 256 levels from the smallest to the largest value of the pixels that the model saw. The
 * lowest of equally good thresholds is chosen.
 *
 * @returns the lower bound of the upper class, for `value >= threshold`; null for a map of a single value,
 *   which cannot be split.
 * @see Otsu 1979, IEEE Transactions on Systems, Man, and Cybernetics 9(1), equation 14
 */
export function otsuThreshold(map: Pick<DisplayMap, 'values' | 'visible'>): number | null {
  const seen = map.values.filter((_, i) => map.visible[i] === 1);
  const smallest = seen.reduce((min, value) => Math.min(min, value), Infinity);
  const largest = seen.reduce((max, value) => Math.max(max, value), -Infinity);
  if (!(largest > smallest)) return null;

  const counts = new Float64Array(LEVELS);
  const perLevel = (largest - smallest) / LEVELS;
  for (const value of seen) {
    counts[Math.min(LEVELS - 1, Math.floor((value - smallest) / perLevel))]! += 1;
  }
  return smallest + partLevels(counts) * perLevel;
}

/** The first level of the upper class. */
function partLevels(counts: Float64Array): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const moment = counts.reduce((sum, count, level) => sum + count * level, 0);
  let [below, momentBelow, best, bestLevel] = [0, 0, -1, 1];
  for (let level = 1; level < LEVELS; level++) {
    below += counts[level - 1]!;
    momentBelow += counts[level - 1]! * (level - 1);
    const above = total - below;
    if (below === 0 || above === 0) continue;
    const apart = momentBelow / below - (moment - momentBelow) / above;
    const between = below * above * apart ** 2;
    // An empty level gives the same split as the level before, so a rounding error must not prefer it.
    if (between > best * (1 + 1e-12)) [best, bestLevel] = [between, level];
  }
  return bestLevel;
}
