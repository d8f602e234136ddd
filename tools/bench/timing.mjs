// @ts-check
/**
 * The cost of one piece of work: milliseconds of wall-clock time and of CPU time in its process. Wall-clock
 * time includes what other processes do meanwhile; CPU time does not, and it does not include waiting.
 *
 * @typedef {{ wall: number, cpu: number }} Cost
 */

/**
 * Measures the costs of several pieces of work that take turns, so that a busy moment of the machine affects
 * all of them alike. The first round warms up and is not counted. Of several runs in one turn only the last
 * is counted: two processes evict each other's data from the caches, and right after the other's turn a run
 * takes twice as long.
 *
 * @template {string} K
 * @param {Readonly<Record<K, () => Promise<unknown>>>} works
 * @param {number} rounds
 * @param {number} [runsInTurn]
 * @returns {Promise<Record<K, Cost>>} medians
 */
export async function race(works, rounds, runsInTurn = 1) {
  const names = /** @type {K[]} */ (Object.keys(works));
  const taken = /** @type {Record<K, Cost[]>} */ ({});
  for (const name of names) taken[name] = [];
  for (let round = -1; round < rounds; round++) {
    for (const name of names) {
      for (let run = 1; run < runsInTurn; run++) await works[name]();
      const start = performance.now();
      const before = process.cpuUsage();
      const own = await works[name]();
      const { user, system } = process.cpuUsage(before);
      const wall = performance.now() - start;
      // Work in another process reports its own cost.
      const cost = isCost(own) ? own : { wall, cpu: (user + system) / 1000 };
      if (round >= 0) taken[name].push(cost);
    }
  }
  const medians = /** @type {Record<K, Cost>} */ ({});
  for (const name of names) {
    medians[name] = {
      wall: median(taken[name].map(({ wall }) => wall)),
      cpu: median(taken[name].map(({ cpu }) => cpu)),
    };
  }
  return medians;
}

/** @param {unknown} value @returns {value is Cost} */
function isCost(value) {
  return typeof value === 'object' && value !== null && 'wall' in value && 'cpu' in value;
}

/** @param {number[]} values */
function median(values) {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

/**
 * The ratio of the costs of two pieces of work, in wall-clock time and in CPU time.
 *
 * @param {Cost} a
 * @param {Cost} b
 */
export function compareCosts(a, b) {
  return { ratio: a.wall / b.wall, cpuRatio: a.cpu / b.cpu };
}

/** @param {Readonly<Record<string, Cost>>} costs @returns {string} */
export function describeTimes(costs) {
  return Object.entries(costs)
    .map(([name, { wall }]) => `${name} ${wall.toFixed(1)} ms`)
    .join(', ');
}
