// @ts-check
/**
 * A source of random numbers that a seed and a fault's number determine, so that each fault can be repeated
 * alone, whatever came before it.
 *
 * @typedef {object} Random
 * @property {(end: number) => number} below a whole number from 0 up to and without `end`
 * @property {<T>(list: readonly T[]) => T} pick one of a list, each as often as the others
 * @property {(share: number) => boolean} chance true in this share of the cases, 0..1
 */

/**
 * Mulberry32, whose 32 bits of state are mixed from seed and number first.
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
  // The first values of neighbouring seeds are alike.
  for (let i = 0; i < 4; i++) next();
  return {
    below: (end) => Math.floor(next() * end),
    pick: (list) => list[Math.floor(next() * list.length)],
    chance: (share) => next() < share,
  };
}
