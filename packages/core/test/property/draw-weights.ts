import { countElements, type NdArray } from '../../src/base/nd-array.ts';
import { createRandom } from '../helper/random.ts';

/** How weights are drawn. */
export type Draw = (shape: readonly number[], choices?: readonly number[]) => NdArray;

/**
 * Small whole numbers, halves at most, many of them zero: every sum of a net is exact in float32,
 * whatever its order, so no two engines see a ReLU's input on different sides of zero.
 */
export function drawDyadic(seed: number): Draw {
  const random = createRandom(seed);
  return (shape, choices = [-1, 0, 0, 1]) => ({
    shape,
    data: Float32Array.from(
      { length: countElements(shape) },
      () => choices[Math.floor(random() * choices.length)]!,
    ),
  });
}

/** Uniform numbers over the range of the choices: no value lies on a kink. */
export function drawUniform(seed: number): Draw {
  const random = createRandom(seed);
  return (shape, choices = [-1, 1]) => {
    const [low, high] = [Math.min(...choices), Math.max(...choices)];
    const data = Float32Array.from(
      { length: countElements(shape) },
      () => low + (high - low) * random(),
    );
    return { shape, data };
  };
}
