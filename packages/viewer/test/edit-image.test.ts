import type { RgbImage } from '@gradcam/core';
import { describe, expect, test } from 'vitest';
import { applyEdits } from '../src/edit/apply-edits.ts';
import { blurPatch, blurReach } from '../src/edit/blur-patch.ts';
import { describeEdit, fitPatch, middlePatch } from '../src/edit/edit.ts';

/** 4 x 2 pixels: red counts the columns by tens, green the rows, blue is 5. */
const image: RgbImage = {
  width: 4,
  height: 2,
  channels: 3,
  data: Uint8Array.from({ length: 8 }, (_, i) => i).reduce<Uint8Array>((data, i) => {
    data.set([10 * (i % 4), 100 * Math.floor(i / 4), 5], 3 * i);
    return data;
  }, new Uint8Array(24)),
};

const reds = ({ data }: RgbImage): number[] => [...data].filter((_, i) => i % 3 === 0);
const pixel = ({ width, data }: RgbImage, x: number, y: number): number[] => [
  ...data.subarray(3 * (y * width + x), 3 * (y * width + x) + 3),
];

describe('edits', () => {
  test('a fill changes the patch alone: the mean of the image, or 128', () => {
    const patch = { x: 1, y: 0, width: 2, height: 1 };
    const mean = applyEdits(image, [{ kind: 'mean', patch }]);
    // The means are 15, 50 and 5.
    expect(pixel(mean, 1, 0)).toEqual([15, 50, 5]);
    expect(reds(mean)).toEqual([0, 15, 15, 30, 0, 10, 20, 30]);
    const gray = applyEdits(image, [{ kind: 'gray', patch }]);
    expect(pixel(gray, 2, 0)).toEqual([128, 128, 128]);
    expect(reds(gray)).toEqual([0, 128, 128, 30, 0, 10, 20, 30]);
    expect(reds(image)).toEqual([0, 10, 20, 30, 0, 10, 20, 30]);
  });

  test('a second fill has the mean of the given image, not of the edited one', () => {
    const edited = applyEdits(image, [
      { kind: 'gray', patch: { x: 0, y: 0, width: 4, height: 1 } },
      { kind: 'mean', patch: { x: 0, y: 1, width: 1, height: 1 } },
    ]);
    expect(pixel(edited, 0, 1)).toEqual([15, 50, 5]);
  });

  test('a moved patch leaves the mean behind and covers its new place, also where both overlap', () => {
    const patch = { x: 0, y: 0, width: 2, height: 2 };
    const moved = applyEdits(image, [{ kind: 'move', patch, to: { x: 1, y: 0 } }]);
    expect(reds(moved)).toEqual([15, 0, 10, 30, 15, 0, 10, 30]);
    expect(pixel(moved, 1, 1)).toEqual([0, 100, 5]);
  });

  test('alpha is composited on white, as the model sees the image', () => {
    const clear: RgbImage = { width: 1, height: 1, channels: 4, data: Uint8Array.of(0, 0, 0, 51) };
    expect([...applyEdits(clear, []).data]).toEqual([204, 204, 204]);
  });
});

describe('a blurred patch', () => {
  test('is three means in a row along each axis, which keep the sum of an impulse', () => {
    // In the middle of 15 x 15 pixels, with a reach of 1: the weights along each axis are
    // (1, 3, 6, 7, 6, 3, 1) / 27, the threefold convolution of (1, 1, 1) / 3.
    const data = new Uint8Array(15 * 15 * 3);
    data.fill(255, 3 * (7 * 15 + 7), 3 * (7 * 15 + 7) + 3);
    const patch = { x: 4, y: 4, width: 7, height: 7 };
    expect(blurReach(patch)).toBe(1);
    const blurred = blurPatch({ width: 15, height: 15, channels: 3, data }, patch);
    const weights = [1, 3, 6, 7, 6, 3, 1];
    const expected = weights.flatMap((down) =>
      weights.flatMap((across) => Array(3).fill(Math.round((255 * down * across) / 729))),
    );
    expect([...blurred]).toEqual(expected);
  });

  test('sees the pixels around it, and at the border the border pixels repeated', () => {
    // One row of 0, 0, 90 | 90, 90, ..: a patch of the two first pixels has a reach of 1.
    const values = [0, 0, 90, 90, 90, 90];
    const data = Uint8Array.from(values.flatMap((value) => [value, value, value]));
    const line: RgbImage = { width: 6, height: 1, channels: 3, data };
    const blurred = blurPatch(line, { x: 0, y: 0, width: 2, height: 1 });
    // By hand: (0, 0, 90, 90, 90) -> (0, 30, 60, 90, 90) -> (10, 30, 60, 80, 90) -> (16.7, 33.3, ..).
    expect([blurred[0], blurred[3]]).toEqual([17, 33]);
  });
});

describe('a patch', () => {
  test('is brought into the image with whole pixels, at least one', () => {
    const size = { width: 20, height: 10 };
    expect(fitPatch({ x: 18.6, y: -3, width: 5.4, height: 40 }, size)).toEqual({
      ...{ x: 15, y: 0, width: 5, height: 10 },
    });
    expect(fitPatch({ x: 3, y: 3, width: 0, height: NaN }, size)).toMatchObject({
      ...{ width: 1, height: 1 },
    });
    expect(middlePatch({ width: 30, height: 9 })).toEqual({ x: 10, y: 3, width: 10, height: 3 });
  });

  test('and its edit are told in words', () => {
    const patch = { x: 3, y: 4, width: 10, height: 20 };
    expect(describeEdit({ kind: 'mean', patch })).toBe(
      '10 × 20 px at 3, 4 filled with the mean colour of the image',
    );
    expect(describeEdit({ kind: 'move', patch, to: { x: 7, y: 8 } })).toBe(
      '10 × 20 px at 3, 4 moved to 7, 8',
    );
  });
});
