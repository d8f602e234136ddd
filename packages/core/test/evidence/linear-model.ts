import type { NdArray } from '../../src/base/nd-array.ts';
import type { Predict } from '../../src/methods/passes/forward-pass.ts';

/** A model whose one score is the sum of its input's values, each times a weight. */
export function linearModel(weights: readonly number[], offset = 0): Predict {
  return async ({ shape, data }) => ({
    shape: [shape[0]!, 1],
    data: Float32Array.from({ length: shape[0]! }, (_, item) =>
      weights.reduce((sum, weight, i) => sum + weight * data[item * weights.length + i]!, offset),
    ),
  });
}

/** An input [1, height, width, channels] from its values. */
export function imageOf(values: readonly number[], width: number, channels = 1): NdArray {
  const height = values.length / width / channels;
  return { shape: [1, height, width, channels], data: Float32Array.from(values) };
}

/** A map [height, width] from its values. */
export function mapOf(values: readonly number[], width: number): NdArray {
  return { shape: [values.length / width, width], data: Float32Array.from(values) };
}
