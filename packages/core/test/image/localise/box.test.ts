import { describe, expect, test } from 'vitest';
import { BOX_THRESHOLD, findBox } from '../../../src/image/localise/box.ts';

function box(rows: readonly (readonly number[])[], threshold?: number) {
  return findBox(
    {
      width: rows[0]!.length,
      height: rows.length,
      values: Float32Array.from(rows.flat()),
      visible: new Uint8Array(rows.flat().length).fill(1),
    },
    threshold,
  );
}

describe('the box around the largest component', () => {
  test('takes what reaches 15 % of the maximum, and half-open pixels', () => {
    expect(BOX_THRESHOLD).toBe(0.15);
    const rows = [
      [0, 0, 0, 0, 0],
      [0, 16, 100, 14, 0],
      [0, 0, 15, 0, 0],
    ];
    expect(box(rows)).toEqual({ x: 1, y: 1, width: 2, height: 2 });
  });

  test('joins cells that touch at a corner', () => {
    const rows = [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ];
    expect(box(rows)).toEqual({ x: 0, y: 0, width: 3, height: 3 });
  });

  test('prefers more cells to higher ones', () => {
    const rows = [
      [9, 0, 0, 0],
      [0, 0, 2, 2],
    ];
    expect(box(rows)).toEqual({ x: 2, y: 1, width: 2, height: 1 });
  });

  test('of equal components takes the first, row by row', () => {
    const rows = [
      [0, 0, 0, 5],
      [0, 0, 0, 0],
      [5, 0, 0, 0],
    ];
    expect(box(rows)).toEqual({ x: 3, y: 0, width: 1, height: 1 });
  });

  test('counts cells, not the area of their box', () => {
    const rows = [
      [1, 0, 0, 0, 1, 1],
      [0, 1, 0, 0, 1, 1],
      [0, 0, 1, 0, 0, 0],
    ];
    expect(box(rows)).toEqual({ x: 4, y: 0, width: 2, height: 2 });
  });

  test('does not wrap around the edge of a row', () => {
    const rows = [
      [0, 0, 1],
      [1, 0, 0],
      [1, 0, 0],
    ];
    expect(box(rows)).toEqual({ x: 0, y: 1, width: 1, height: 2 });
  });

  test('another threshold', () => {
    expect(box([[1, 4, 10, 6]], 0.5)).toEqual({ x: 2, y: 0, width: 2, height: 1 });
  });

  test.each([[[[0, 0]]], [[[-1, -2]]]])('of a map without positive values is null: %j', (rows) => {
    expect(box(rows)).toBeNull();
  });
});
