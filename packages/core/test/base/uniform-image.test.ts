import { describe, expect, test } from 'vitest';
import { batchItem, batchItems, isUniform, uniformImage } from '../../src/base/nd-array.ts';
import { computeGradCamWeights } from '../../src/methods/grid/grad-cam.ts';

/** Two images of 2 x 3 cells with two channels. */
const batch = uniformImage({ shape: [2, 1, 1, 2], data: Float32Array.of(1, 2, 3, 4) }, 2, 3);

describe('an image whose cells all hold the same numbers', () => {
  test('has its values cell by cell', () => {
    expect(batch.shape).toEqual([2, 2, 3, 2]);
    const first = [1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2];
    const second = [3, 4, 3, 4, 3, 4, 3, 4, 3, 4, 3, 4];
    expect([...batch.data]).toEqual([...first, ...second]);
    expect(batch.data).toBe(batch.data);
  });

  test('is taken out of its batch as such an image', () => {
    const item = batchItem(batch, 1);
    expect(item.shape).toEqual([2, 3, 2]);
    expect(isUniform(item) && [...item.cell.data]).toEqual([3, 4]);
    expect([...item.data.subarray(0, 4)]).toEqual([3, 4, 3, 4]);
    const items = batchItems(batch, 1, 1);
    expect(items.shape).toEqual([1, 2, 3, 2]);
    expect(isUniform(items)).toBe(true);
  });

  test('has the weights of Grad-CAM in a cell: the mean of equal numbers is each of them', () => {
    const item = batchItem(batch, 0);
    const written = { shape: item.shape, data: item.data };
    expect([...computeGradCamWeights(item)]).toEqual([...computeGradCamWeights(written)]);
  });
});
