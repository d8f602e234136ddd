// @ts-check
// Smooth value noise: the sum of several octaves, each interpolated between random numbers on a lattice.
import { at } from './canvas.mjs';

const LATTICE = 64;

/**
 * Creates a field with values in about -1..1. It depends on scene coordinates, not on pixels, so a scene
 * looks the same at every size.
 *
 * @param {import('./prng.mjs').Random} random
 * @param {{cell: number, octaves: number}} options cell: lattice step of the first octave in units
 * @returns {(x: number, y: number) => number}
 */
export function createNoise(random, { cell, octaves }) {
  const lattice = new Float32Array(LATTICE * LATTICE);
  for (let i = 0; i < lattice.length; i++) lattice[i] = random.uniform(-1, 1);
  const norm = 2 - 2 ** (1 - octaves);

  return function noise(x, y) {
    let sum = 0;
    let amplitude = 1;
    let frequency = 1 / cell;
    for (let octave = 0; octave < octaves; octave++) {
      // The shift prevents the octaves from having their lattice points at the same places.
      sum +=
        amplitude * sample(lattice, x * frequency + octave * 17.3, y * frequency + octave * 9.1);
      amplitude /= 2;
      frequency *= 2;
    }
    return sum / norm;
  };
}

/**
 * @param {Float32Array} lattice
 * @param {number} x
 * @param {number} y
 */
function sample(lattice, x, y) {
  const left = Math.floor(x);
  const top = Math.floor(y);
  const u = smooth(x - left);
  const v = smooth(y - top);
  const mask = LATTICE - 1;
  const row0 = (top & mask) * LATTICE;
  const row1 = ((top + 1) & mask) * LATTICE;
  const column0 = left & mask;
  const column1 = (left + 1) & mask;
  const upper = at(lattice, row0 + column0) * (1 - u) + at(lattice, row0 + column1) * u;
  const lower = at(lattice, row1 + column0) * (1 - u) + at(lattice, row1 + column1) * u;
  return upper * (1 - v) + lower * v;
}

/** @param {number} t */
const smooth = (t) => t * t * (3 - 2 * t);
