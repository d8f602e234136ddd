import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, expect, test } from 'vitest';
import { resizeTaps } from '../../src/image/resize-taps.ts';
import type { ResizeGrid } from '../../src/network/op.ts';

beforeAll(() => tf.setBackend('cpu'));

/** One product and sum in float32. */
const ONE_SUM = 1e-6;

/** What tfjs itself makes of a row. */
const ofTfjs: readonly [ResizeGrid, (row: tf.Tensor4D, to: number) => tf.Tensor][] = [
  ['linear', (row, to) => tf.image.resizeBilinear(row, [1, to], false, true)],
  ['aligned', (row, to) => tf.image.resizeBilinear(row, [1, to], true)],
  ['corner', (row, to) => tf.image.resizeBilinear(row, [1, to])],
  ['nearest', (row, to) => tf.image.resizeNearestNeighbor(row, [1, to], false, true)],
  ['alignedNearest', (row, to) => tf.image.resizeNearestNeighbor(row, [1, to], true)],
  ['cornerNearest', (row, to) => tf.image.resizeNearestNeighbor(row, [1, to])],
];

test.each(ofTfjs)('grid %s is that of tfjs, for smaller and larger rows', (grid, resize) => {
  const values = [3, -1, 4, 1, -5, 9, 2];
  for (const to of [1, 3, 5, 7, 10, 14]) {
    const row = tf.tensor4d(values, [1, 1, values.length, 1]);
    const resized = resize(row, to);
    const expected = resized.dataSync();
    tf.dispose([row, resized]);
    resizeTaps(grid, values.length, to).forEach(({ start, weights }, i) => {
      const found = weights.reduce((sum, weight, j) => sum + weight * values[start + j]!, 0);
      expect(Math.abs(found - expected[i]!)).toBeLessThan(ONE_SUM * 9);
    });
  }
});
