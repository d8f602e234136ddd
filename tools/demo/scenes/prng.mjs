// @ts-check
// A small seeded random generator: one seed gives the same scenes on every machine.

/**
 * @typedef {object} Random
 * @property {() => number} unit a number in [0, 1)
 * @property {(low: number, high: number) => number} uniform
 * @property {(low: number, high: number) => number} int both ends included
 * @property {() => number} normal mean 0, deviation 1
 * @property {(probability: number) => boolean} chance
 * @property {<T>(items: readonly T[]) => T} pick
 * @property {<T>(items: readonly T[]) => T[]} shuffle a shuffled copy
 * @property {() => number} seed an unsigned 32-bit number, to start another stream
 */

/**
 * Mixes several integers into one seed, so that neighbouring scenes get unrelated streams.
 * @param {...number} parts
 * @returns {number}
 */
export function mixSeed(...parts) {
  let hash = 0x9e3779b9;
  for (const part of parts) {
    hash = Math.imul(hash ^ (part >>> 0), 0x85ebca6b);
    hash ^= hash >>> 13;
    hash = Math.imul(hash, 0xc2b2ae35);
    hash ^= hash >>> 16;
  }
  return hash >>> 0;
}

/**
 * @param {number} seed
 * @returns {Random}
 */
export function createRandom(seed) {
  let state = seed >>> 0;

  function unit() {
    // mulberry32: 32 bits of state are plenty for the few hundred draws of one scene.
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }
  /** @param {number} low @param {number} high */
  const uniform = (low, high) => low + (high - low) * unit();
  /** @param {number} low @param {number} high */
  const int = (low, high) => low + Math.floor(unit() * (high - low + 1));
  const normal = () => Math.sqrt(-2 * Math.log(1 - unit())) * Math.cos(2 * Math.PI * unit());
  /** @template T @param {readonly T[]} items @returns {T} */
  const pick = (items) => /** @type {T} */ (items[int(0, items.length - 1)]);
  /** @template T @param {readonly T[]} items @returns {T[]} */
  function shuffle(items) {
    const copy = [...items];
    for (let i = copy.length - 1; i > 0; i--) {
      const j = int(0, i);
      const kept = /** @type {T} */ (copy[i]);
      copy[i] = /** @type {T} */ (copy[j]);
      copy[j] = kept;
    }
    return copy;
  }
  return {
    unit,
    uniform,
    int,
    normal,
    chance: (probability) => unit() < probability,
    pick,
    shuffle,
    seed: () => Math.floor(unit() * 4294967296),
  };
}
