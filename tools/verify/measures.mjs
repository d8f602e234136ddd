// @ts-check
/**
 * Measures of error from design section 9. The bound for a value depends on the terms from which it is
 * computed.
 */

/**
 * Error of logits and activations, relative to the range of the expected values.
 *
 * @param {ArrayLike<number>} got @param {ArrayLike<number>} want
 */
export function relativeToRange(got, want) {
  const values = Array.from(want);
  const [low, high] = values.reduce(
    ([least, most], value) => [Math.min(least, value), Math.max(most, value)],
    [Infinity, -Infinity],
  );
  return largestDifference(got, want) / (high - low);
}

/**
 * Error of maps, relative to the largest sum of their terms' magnitudes over the cells.
 *
 * @param {ArrayLike<number>} got @param {ArrayLike<number>} want @param {number} scale
 */
export function relativeToScale(got, want, scale) {
  return largestDifference(got, want) / scale;
}

/**
 * Error of maps at the input: the largest difference relative to the largest magnitude, and the share of
 * values that differ by more than 1e-4. Such values occur where a ReLU's input is within rounding of zero, so
 * that it opens on only one engine.
 *
 * @param {ArrayLike<number>} got @param {ArrayLike<number>} want
 */
export function pixelError(got, want) {
  const values = Array.from(want);
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const beyond = values.filter(
    (value, i) => !(Math.abs(value - (got[i] ?? NaN)) / largest <= 1e-4),
  );
  return { max: largestDifference(got, want) / largest, beyond: beyond.length / values.length };
}

/** @param {ArrayLike<number>} got @param {ArrayLike<number>} want */
function largestDifference(got, want) {
  if (got.length !== want.length) return NaN;
  let worst = 0;
  for (let i = 0; i < want.length; i++) {
    const difference = Math.abs((want[i] ?? NaN) - (got[i] ?? NaN));
    // NaN must not pass for a small difference.
    if (Number.isNaN(difference)) return NaN;
    worst = Math.max(worst, difference);
  }
  return worst;
}
