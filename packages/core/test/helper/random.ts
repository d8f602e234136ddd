import { countElements, type NdArray } from '../../src/base/nd-array.ts';

/** Uniform numbers in [0, 1) from a seed (mulberry32): the same in every run. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Values in [low, high). */
export function randomArray(
  random: () => number,
  shape: readonly number[],
  low = -1,
  high = 1,
): NdArray {
  const data = Float32Array.from(
    { length: countElements(shape) },
    () => low + (high - low) * random(),
  );
  return { shape, data };
}
