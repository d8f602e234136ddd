import { describe, expect, test } from 'vitest';
import {
  intersectionOverUnion,
  measureEnergyPointing,
  measureLocalisation,
  measurePointing,
  regionBoxes,
  regionMask,
} from '../../src/evidence/index.ts';
import type { DisplayMap } from '../../src/image/display-map.ts';

/** A map over an image of the given width; all of it visible unless told otherwise. */
function displayOf(
  values: readonly number[],
  width: number,
  visible: readonly number[] = values.map(() => 1),
): DisplayMap {
  return {
    width,
    height: values.length / width,
    values: Float32Array.from(values),
    visible: Uint8Array.from(visible),
  };
}

function maskOf(data: readonly number[], width: number) {
  return { mask: { width, height: data.length / width, data: Uint8Array.from(data) } };
}

describe('regions', () => {
  test('a pixel belongs to a box when its centre lies inside', () => {
    const boxes = [{ x: 0.5, y: 0.6, width: 2, height: 1 }];
    // Centres 0.5, 1.5 are in 0.5..2.5; of the rows, 1.5 is in 0.6..1.6.
    expect([...regionMask({ boxes }, { width: 4, height: 3 })]).toEqual([
      ...[0, 0, 0, 0],
      ...[1, 1, 0, 0],
      ...[0, 0, 0, 0],
    ]);
  });

  test('boxes beyond the image are cut, and one outside is nothing', () => {
    const boxes = [
      { x: -5, y: -5, width: 6, height: 6 },
      { x: 3, y: 9, width: 4, height: 4 },
    ];
    expect([...regionMask({ boxes }, { width: 3, height: 2 })]).toEqual([1, 0, 0, 0, 0, 0]);
  });

  test('the box of a mask surrounds all its pixels; an empty mask has none', () => {
    const mask = maskOf([0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1], 4);
    expect(regionBoxes(mask)).toEqual([{ x: 1, y: 1, width: 3, height: 2 }]);
    expect(regionBoxes(maskOf([0, 0], 2))).toEqual([]);
  });

  test('a mask of another size is refused', () => {
    expect(() => regionMask(maskOf([1, 1], 2), { width: 4, height: 1 })).toThrow(
      "expected the image's size 4x1, got 2x1",
    );
  });

  test('intersection over union: 1, 1/7, 0', () => {
    const box = { x: 0, y: 0, width: 2, height: 2 };
    expect(intersectionOverUnion(box, box)).toBe(1);
    expect(intersectionOverUnion(box, { ...box, x: 1, y: 1 })).toBeCloseTo(1 / 7, 12);
    expect(intersectionOverUnion(box, { ...box, x: 2 })).toBe(0);
  });
});

describe('pointing', () => {
  const left = { boxes: [{ x: 0, y: 0, width: 2, height: 1 }] };

  test.each([
    [[0.2, 1, 0.5, 0], 1],
    [[0.2, 0.3, 0.5, 0], 0],
    [[0.1, 0.5, 0.5, 0], 0.5],
    [[0.5, 0.5, 0.5, 0], 2 / 3],
  ])('%j hits with %d', (values, expected) => {
    expect(measurePointing(displayOf(values, 4), left).value).toBe(expected);
  });

  test('a tolerance in pixels reaches the region from outside, also in a slant', () => {
    const square = maskOf([1, 0, 0, 0, 0, 0, 0, 0, 0], 3);
    const corner = displayOf([0, 0, 0, 0, 0, 0, 0, 0, 1], 3);
    // The distance is the root of 8.
    expect(measurePointing(corner, square, { tolerance: 2.8 }).value).toBe(0);
    const near = measurePointing(corner, square, { tolerance: 2.9 });
    expect([near.value, near.settings]).toEqual([1, { tolerance: 2.9 }]);
  });

  test('what the model did not see does not count', () => {
    const map = displayOf([0.9, 0.2, 0.5, 0], 4, [0, 1, 1, 1]);
    expect(measurePointing(map, left).value).toBe(0);
    expect(measureEnergyPointing(map, left).value).toBeCloseTo(0.2 / 0.7, 6);
  });

  test('an empty region and an empty map have no result, and say why', () => {
    const map = displayOf([1, 0, 0, 0], 4);
    const nothing = displayOf([0, 0, -1, 0], 4);
    for (const measure of [measurePointing, measureEnergyPointing]) {
      expect(measure(map, { boxes: [] })).toMatchObject({
        value: null,
        reason: 'the region has no pixels',
      });
      expect(measure(nothing, left)).toMatchObject({
        value: null,
        reason: 'the map has no positive value',
      });
    }
  });

  test('energy: positive values inside over all positive values', () => {
    const map = displayOf([0.5, -1, 0.25, 0.25], 4);
    expect(measureEnergyPointing(map, left).value).toBe(0.5);
    const everywhere = { boxes: [{ x: 0, y: 0, width: 4, height: 1 }] };
    expect(measureEnergyPointing(map, everywhere).value).toBe(1);
  });
});

describe("localisation by the paper's rule", () => {
  /** Above 15 %: columns 1 and 2 of rows 0 and 1. */
  const map = displayOf([0, 1, 0.2, 0, 0, 0.5, 0.2, 0, 0.1, 0.1, 0.1, 0.1], 4);
  const box = { x: 1, y: 0, width: 2, height: 2 };

  test('the same box: overlap 1, no error for the best class', () => {
    const found = measureLocalisation(map, { boxes: [box] }, 0);
    expect(found.box).toEqual(box);
    expect([found.overlap.value, found.top1.value, found.top5.value]).toEqual([1, 0, 0]);
  });

  test.each([
    [0, 0, 0],
    [1, 1, 0],
    [4, 1, 0],
    [5, 1, 1],
  ])('the class at place %i: top-1 error %i, top-5 error %i', (rank, top1, top5) => {
    const found = measureLocalisation(map, { boxes: [box] }, rank);
    expect([found.top1.value, found.top5.value]).toEqual([top1, top5]);
  });

  test('an overlap of exactly one half is an error; any true box may be met', () => {
    const wide = { x: 1, y: 0, width: 4, height: 2 };
    const half = measureLocalisation(map, { boxes: [wide] }, 0);
    expect([half.overlap.value, half.top1.value]).toEqual([0.5, 1]);
    const either = measureLocalisation(map, { boxes: [wide, box] }, 0);
    expect([either.overlap.value, either.top1.value]).toEqual([1, 0]);
  });

  test('a map without positive values is an error, a region without pixels no result', () => {
    const nothing = measureLocalisation(displayOf([0, 0], 2), { boxes: [box] }, 0);
    expect([nothing.box, nothing.overlap.value, nothing.top1.value]).toEqual([null, 0, 1]);
    expect(measureLocalisation(map, { boxes: [] }, 0).top1.value).toBeNull();
  });
});
