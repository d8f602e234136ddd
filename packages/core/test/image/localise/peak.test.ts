import { expect, test } from 'vitest';
import { findPeak } from '../../../src/image/localise/peak.ts';
import type { Geometry } from '../../../src/image/geometry.ts';
import { array } from '../../helper/array.ts';

const geometry: Geometry = {
  image: { width: 80, height: 60 },
  input: { width: 30, height: 20 },
  view: { x: 10, y: 0, width: 60, height: 40 },
};

test('the peak is the centre of the largest cell, in pixels of the original', () => {
  const raw = array([
    [0, 1, 2],
    [3, 9, 4],
  ]);
  expect(findPeak(raw, geometry)).toEqual({ x: 10 + 30, y: 30 });
});

test('of equal cells the first counts, row by row', () => {
  const raw = array([
    [0, 5, 5],
    [5, 5, 0],
  ]);
  expect(findPeak(raw, geometry)).toEqual({ x: 10 + 30, y: 10 });
});

test('a map of negative values still has a largest cell', () => {
  const raw = array([[-3, -1, -2]]);
  expect(findPeak(raw, geometry)).toEqual({ x: 40, y: 20 });
});
