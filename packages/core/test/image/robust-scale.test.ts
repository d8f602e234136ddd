import { expect, test } from 'vitest';
import { robustScale } from '../../src/image/robust-scale.ts';

test('a percentile of the magnitudes between two ranks is interpolated', () => {
  // Magnitudes 1, 2, 3, 4, 5: 40 % of the way lies at rank 1.6, between 2 and 3.
  expect(robustScale([-4, 1, 5, -3, 2], 40).value).toBeCloseTo(2.6, 12);
  expect(robustScale([-4, 1, 5, -3, 2], 100).value).toBe(5);
  expect(robustScale([-4, 1, 5, -3, 2], 0).value).toBe(1);
});

test('the default is the 99.5th, which one value of a thousand does not move', () => {
  const data = Float32Array.from({ length: 1001 }, (_, i) => (i % 2 === 0 ? i : -i));
  expect(robustScale(data)).toEqual({ percentile: 99.5, value: 995 });
  data[1000] = 1e9;
  expect(robustScale(data).value).toBe(995);
});

test('of values that are nearly all zero it is the largest, and of zeros it is zero', () => {
  const data = new Float32Array(1000);
  data[3] = -7;
  expect(robustScale(data).value).toBe(7);
  expect(robustScale(new Float32Array(4)).value).toBe(0);
  expect(robustScale([]).value).toBe(0);
});
