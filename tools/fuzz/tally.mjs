// @ts-check

/**
 * The outcomes of many mutants of one target.
 *
 * @typedef {object} Tally
 * @property {number} mutants
 * @property {Record<string, number>} outcomes how many of each kind
 * @property {{ number: number, cpuMs: number }} slowest
 * @property {{ number: number, bytes: number }} largest by how much the process grew
 */

/** @returns {Tally} */
export function emptyTally() {
  return {
    mutants: 0,
    outcomes: {},
    slowest: { number: -1, cpuMs: 0 },
    largest: { number: -1, bytes: 0 },
  };
}

export function createTally() {
  const counted = emptyTally();
  return {
    counted,
    /**
     * @param {number} number
     * @param {string} kind
     * @param {number} cpuMs
     * @param {number} bytes
     */
    add(number, kind, cpuMs, bytes) {
      counted.mutants++;
      counted.outcomes[kind] = (counted.outcomes[kind] ?? 0) + 1;
      if (cpuMs > counted.slowest.cpuMs) counted.slowest = { number, cpuMs };
      if (bytes > counted.largest.bytes) counted.largest = { number, bytes };
    },
  };
}

/**
 * Joins two tallies.
 *
 * @param {Tally} one
 * @param {Tally} other
 * @returns {Tally}
 */
export function joinTallies(one, other) {
  const outcomes = { ...one.outcomes };
  for (const [kind, count] of Object.entries(other.outcomes)) {
    outcomes[kind] = (outcomes[kind] ?? 0) + count;
  }
  return {
    mutants: one.mutants + other.mutants,
    outcomes,
    slowest: one.slowest.cpuMs >= other.slowest.cpuMs ? one.slowest : other.slowest,
    largest: one.largest.bytes >= other.largest.bytes ? one.largest : other.largest,
  };
}
