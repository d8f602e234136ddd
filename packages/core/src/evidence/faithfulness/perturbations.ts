import { GradcamError } from '../../base/errors.ts';
import type { NdArray } from '../../base/nd-array.ts';
import { createGaussian } from '../../methods/multi-pass/gaussian.ts';
import { checkCount, imageSize } from '../../methods/passes/batched-runs.ts';
import { createRandom } from '../../base/random.ts';

/**
 * Makes changed copies of an input, one after the other.
 *
 * @param copy receives the changed values; it holds the input's values when the function is called.
 * @param index of the copy, from 0.
 */
export type Perturb = (copy: Float32Array, index: number) => void;

/** A way to change inputs: how measurements name it, and a function that starts the changes of one input. */
export interface Perturbation {
  readonly name: string;
  /** Begins anew for an input [1, height, width, channels], with the random numbers of a seed. */
  readonly start: (input: NdArray, seed: number) => Perturb;
}

/** Adds Gaussian noise of a standard deviation, in the model's own scale. */
export function gaussianNoise(deviation: number): Perturbation {
  checkSize('deviation', deviation);
  return {
    name: `gaussian noise ${deviation}`,
    start(_, seed) {
      const gaussian = createGaussian(seed);
      return (copy) => {
        for (let i = 0; i < copy.length; i++) copy[i]! += deviation * gaussian();
      };
    },
  };
}

/** Adds noise that is uniform from -radius to radius, in the model's own scale. */
export function uniformNoise(radius: number): Perturbation {
  checkSize('radius', radius);
  return {
    name: `uniform noise ${radius}`,
    start(_, seed) {
      const random = createRandom(seed);
      return (copy) => {
        for (let i = 0; i < copy.length; i++) copy[i]! += radius * (2 * random() - 1);
      };
    },
  };
}

/**
 * Sets one block of side x side pixels to a value: the blocks of a grid one after the other, row by row.
 * With as many samples as the grid has blocks, each block is changed once. Nothing is random.
 */
export function blocksInTurn(side: number, value = 0): Perturbation {
  checkCount('side', side);
  return {
    name: `blocks of ${side} in turn to ${value}`,
    start(input) {
      const [height, width, channels] = imageSize(input);
      const across = Math.ceil(width / side);
      const down = Math.ceil(height / side);
      return (copy, index) => {
        const block = index % (across * down);
        const top = Math.floor(block / across) * side;
        const left = (block % across) * side;
        for (let y = top; y < Math.min(height, top + side); y++) {
          const from = (y * width + left) * channels;
          copy.fill(value, from, from + Math.min(side, width - left) * channels);
        }
      };
    },
  };
}

/**
 * Sets a square of side x side pixels at a random place to a value: the square removal that the authors of
 * infidelity propose for images.
 */
export function randomSquares(side: number, value = 0): Perturbation {
  checkCount('side', side);
  return {
    name: `random squares of ${side} to ${value}`,
    start(input, seed) {
      const [height, width, channels] = imageSize(input);
      const random = createRandom(seed);
      const [high, wide] = [Math.min(side, height), Math.min(side, width)];
      return (copy) => {
        const top = Math.floor(random() * (height - high + 1));
        const left = Math.floor(random() * (width - wide + 1));
        for (let y = top; y < top + high; y++) {
          const from = (y * width + left) * channels;
          copy.fill(value, from, from + wide * channels);
        }
      };
    },
  };
}

function checkSize(name: string, value: number): void {
  if (value > 0 && Number.isFinite(value)) return;
  throw new GradcamError('argument', `${name}: expected a number above 0, got ${value}`);
}
