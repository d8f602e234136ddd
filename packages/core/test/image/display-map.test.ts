import { describe, expect, test } from 'vitest';
import { createDisplayMap } from '../../src/image/display-map.ts';
import { fitImage, type Geometry } from '../../src/image/geometry.ts';
import { array } from '../helper/array.ts';

/** A picture of that size that the model sees whole. */
function whole(width: number, height: number): Geometry {
  return {
    image: { width, height },
    input: { width: 8, height: 8 },
    view: { x: 0, y: 0, width, height },
  };
}

/** Values are float32: six decimals of numbers up to one. */
function expectValues(found: Float32Array, expected: readonly number[]): void {
  expect(found).toHaveLength(expected.length);
  expected.forEach((value, i) => expect(found[i]).toBeCloseTo(value, 6));
}

const raw = array([
  [0, 4],
  [28, 32.5],
]);

describe('from the raw map to the picture', () => {
  test('half-pixel bilinear, divided by the raw maximum: the golden of the toy net', () => {
    const { values } = createDisplayMap(raw, true, whole(4, 4));
    const golden = [
      [0, 0.0308, 0.0923, 0.1231],
      [0.2154, 0.2471, 0.3106, 0.3423],
      [0.6462, 0.6798, 0.7471, 0.7808],
      [0.8615, 0.8962, 0.9654, 1],
    ];
    golden.flat().forEach((value, i) => expect(values[i]).toBeCloseTo(value, 4));
  });

  test('cuts negative values before the resize, not after it', () => {
    const crossed = array([
      [-1, 1],
      [1, -1],
    ]);
    expectValues(createDisplayMap(crossed, true, whole(4, 4)).values, [
      ...[0, 0.25, 0.75, 1],
      ...[0.25, 0.375, 0.625, 0.75],
      ...[0.75, 0.625, 0.375, 0.25],
      ...[1, 0.75, 0.25, 0],
    ]);
  });

  test('a signed map keeps its signs and is divided by the largest magnitude', () => {
    expectValues(createDisplayMap(array([[-4, 2]]), false, whole(2, 1)).values, [-1, 0.5]);
  });

  test('divides by the maximum of the cells, which an even enlargement never reaches', () => {
    const { values } = createDisplayMap(array([[0, 0, 1, 0, 0, 0, 0]]), true, whole(224, 1));
    // On one axis: 1 - 0.5 / 32 at the two pixels beside the cell's centre.
    expect(Math.max(...values)).toBeCloseTo(1 - 0.5 / 32, 6);
  });

  test.each([true, false])('a map of zeros stays zero (relu %s)', (relu) => {
    const { values } = createDisplayMap(array([[0, 0]]), relu, whole(4, 2));
    expect([...values]).toEqual(new Array(8).fill(0));
  });

  test('a map of negative values shows nothing where the method cuts them', () => {
    const { values } = createDisplayMap(array([[-2, -1]]), true, whole(2, 1));
    expect([...values]).toEqual([0, 0]);
  });
});

describe('outside of what the model saw', () => {
  test('a crop leaves the sides transparent and zero', () => {
    const geometry = fitImage(
      { width: 6, height: 2 },
      { width: 2, height: 2, fit: 'crop', cropFraction: 1 },
    );
    const { values, visible } = createDisplayMap(array([[1, 3]]), true, geometry);
    expect([...visible]).toEqual([0, 0, 1, 1, 0, 0, 0, 0, 1, 1, 0, 0]);
    expectValues(values, [0, 0, 1 / 3, 1, 0, 0, 0, 0, 1 / 3, 1, 0, 0]);
  });

  test('a letterbox shows the picture’s part of the grid', () => {
    const geometry = fitImage(
      { width: 4, height: 2 },
      { width: 4, height: 4, fit: 'letterbox', cropFraction: 1 },
    );
    const grid = array([
      [9, 9, 9, 9],
      [1, 2, 3, 4],
      [5, 6, 7, 8],
      [9, 9, 9, 9],
    ]);
    const { values, visible } = createDisplayMap(grid, true, geometry);
    expect([...visible]).toEqual(new Array(8).fill(1));
    expectValues(
      values,
      [1, 2, 3, 4, 5, 6, 7, 8].map((value) => value / 9),
    );
  });
});
