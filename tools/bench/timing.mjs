// @ts-check
/**
 * Times of several works that take turns, so that a busy moment of the machine hits all alike. The first
 * round warms up and is not counted.
 *
 * @template {string} K
 * @param {Readonly<Record<K, () => Promise<unknown>>>} works
 * @param {number} rounds
 * @returns {Promise<Record<K, number>>} median milliseconds of each
 */
export async function race(works, rounds) {
  const names = /** @type {K[]} */ (Object.keys(works));
  const times = /** @type {Record<K, number[]>} */ ({});
  for (const name of names) times[name] = [];
  for (let round = -1; round < rounds; round++) {
    for (const name of names) {
      const start = performance.now();
      const own = await works[name]();
      // A work of another process says itself how long it took.
      if (round >= 0) times[name].push(typeof own === 'number' ? own : performance.now() - start);
    }
  }
  const medians = /** @type {Record<K, number>} */ ({});
  for (const name of names) {
    medians[name] = times[name].sort((a, b) => a - b)[Math.floor(rounds / 2)] ?? NaN;
  }
  return medians;
}

/** @param {Readonly<Record<string, number>>} times @returns {string} */
export function describeTimes(times) {
  return Object.entries(times)
    .map(([name, ms]) => `${name} ${ms.toFixed(1)} ms`)
    .join(', ');
}
