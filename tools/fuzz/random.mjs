// @ts-check

/**
 * Seeded random choices, which are the same on every machine.
 *
 * @typedef {object} Random
 * @property {() => number} next 32 bits
 * @property {(end: number) => number} below a whole number in [0, end), 0 for an empty range
 * @property {<T>(list: readonly T[]) => T} pick
 * @property {(probability: number) => boolean} chance
 * @property {(count: number) => Uint8Array} bytes
 * @property {(largest: number) => number} size 1..largest, small ones most of the time
 */

/**
 * Mulberry32 (Tommy Ettinger): 32 bits of state are enough, because each step of a mutant has its own
 * generator.
 *
 * @param {number} seed 32 bits
 * @returns {Random}
 */
export function createRandom(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  };
  /** @param {number} end */
  const below = (end) => (end <= 0 ? 0 : Math.floor((next() / 2 ** 32) * end));
  return {
    next,
    below,
    pick: (list) => list[below(list.length)],
    chance: (probability) => next() < probability * 2 ** 32,
    bytes: (count) => Uint8Array.from({ length: count }, () => next() & 0xff),
    size: (largest) => Math.min(largest, 1 + below(2 ** (1 + below(Math.log2(largest) + 1)))),
  };
}

/**
 * Mixes several parts into one seed, e.g. the campaign, target and number of a mutant (FNV-1a, finished as in
 * MurmurHash3).
 *
 * @param {...(number | string)} parts
 */
export function mixSeed(...parts) {
  let hash = 0x811c9dc5;
  for (const character of parts.join('/')) {
    hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
