import { fitImage } from '@gradcam/core';
import { expect, test } from 'vitest';
import { makeDrawable, shrinkPixels } from '../src/live/drawable-map.ts';

function pixels(width: number, height: number, shade: (x: number, y: number) => number) {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      data.set([shade(x, y), 2 * shade(x, y), 7, 255], (y * width + x) * 4);
    }
  }
  return { width, height, data };
}

test('a map is drawn at the size of the copy, and of a map of colours the largest magnitude', () => {
  const geometry = fitImage(
    { width: 800, height: 400 },
    { width: 4, height: 4, fit: 'crop', cropFraction: 1 },
  );
  const raw = { shape: [1, 2, 3], data: Float32Array.of(1, -4, 2, 0, 0, 1) };
  const map = makeDrawable(
    { raw, relu: false },
    geometry,
    pixels(80, 40, () => 1),
  );
  expect(map.gradient).toBe(raw);
  expect(map.raw).toEqual({ shape: [1, 2], data: Float32Array.of(4, 1) });
  expect([map.smooth.width, map.smooth.height]).toEqual([80, 40]);
  // A crop of 400 in the middle of 800: the quarters at both sides were not seen.
  expect(map.smooth.visible[20 * 80 + 19]).toBe(0);
  expect(map.smooth.visible[20 * 80 + 20]).toBe(1);
  // Centres of the two cells are at pixels 30 and 50, between them 4 falls to 1 in a line.
  const row = map.smooth.values.subarray(0, 80);
  expect(row[20]).toBe(1);
  // Full is the 99.5th percentile of 1 and 4: 3.985.
  expect(row[59]).toBeCloseTo(1 / 3.985, 6);
  expect(row[39]! + row[40]!).toBeCloseTo((2 * 2.5) / 3.985, 5);
});

test('a small copy has the mean of the pixels that each of its own stands for', () => {
  const copy = shrinkPixels(
    pixels(5, 3, (x, y) => 10 * x + y),
    3,
  );
  expect([copy.width, copy.height]).toEqual([3, 2]);
  // x 0..1, y 0..1: (0 + 10 + 1 + 11) / 4 = 5.5, to even; x 4, y 2: 42.
  expect([...copy.data.subarray(0, 4)]).toEqual([6, 11, 7, 255]);
  expect([...copy.data.subarray(5 * 4)]).toEqual([42, 84, 7, 255]);
  const same = pixels(3, 2, (x) => x);
  expect(shrinkPixels(same, 4).data).toEqual(same.data);
});
