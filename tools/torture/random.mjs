// @ts-check
/**
 * A source of random numbers that a seed and a fault's number determine, so that each fault can be repeated
 * alone, whatever happened before it.
 *
 * @typedef {object} Random
 * @property {(end: number) => number} below an integer from 0 to `end`, exclusive
 * @property {<T>(list: readonly T[]) => T} pick one item of a list, all equally likely
 * @property {(share: number) => boolean} chance true in this share of the cases, 0..1
 */

/**
 * The generator Mulberry32, whose 32 bits of state are first mixed from the seed and the number.
 *
 * @param {number} seed
 * @param {number} number of the fault, from 1
 * @returns {Random}
 */
export function createRandom(seed, number) {
  let state = (Math.imul(seed, 0x9e3779b1) ^ Math.imul(number, 0x85ebca6b)) >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  // The first values of neighbouring seeds are similar, so they are skipped.
  for (let i = 0; i < 4; i++) next();
  return {
    below: (end) => Math.floor(next() * end),
    pick: (list) => list[Math.floor(next() * list.length)],
    chance: (share) => next() < share,
  };
}
