import { expect, test } from 'vitest';
import { diagnose } from '../../src/explain/diagnose.ts';
import { fitImage } from '../../src/image/geometry.ts';
import { array } from '../helper/array.ts';

/** 8 x 4 in a letterbox of two rows and two columns: a cell is 4 x 4, the view begins at y = -2, half of each shows. */
const strip = fitImage(
  { width: 8, height: 4 },
  { width: 8, height: 8, fit: 'letterbox', cropFraction: 1 },
);

function barShare(rows: number[][], relu: boolean, geometry = strip): number | undefined {
  const raw = array(rows);
  const facts = { probability: 0.5, reason: undefined, kind: 'class', isPredicted: true } as const;
  return diagnose({ raw, parts: [raw], gradients: [] }, relu, geometry, facts).barShare;
}

test('is what of the map lies on the bars, cells by their parts', () => {
  expect(
    barShare(
      [
        [3, 0],
        [0, 1],
      ],
      true,
    ),
  ).toBeCloseTo(0.5, 12);
  // Four rows: cells are 2 x 2 (4 x 2 in pixels), the first and last row lie on bars whole.
  expect(
    barShare(
      [
        [6, 0],
        [1, 0],
        [0, 1],
        [0, 2],
      ],
      true,
    ),
  ).toBeCloseTo(0.8, 12);
});

test('counts what is shown: above zero with a ReLU, by size without', () => {
  expect(
    barShare(
      [
        [6, 0],
        [1, -50],
        [0, 1],
        [0, 2],
      ],
      true,
    ),
  ).toBeCloseTo(0.8, 12);
  expect(
    barShare(
      [
        [-6, 0],
        [1, 0],
        [0, -1],
        [0, 2],
      ],
      false,
    ),
  ).toBeCloseTo(0.8, 12);
});

test('is 0 of a blank map, and absent without bars', () => {
  expect(
    barShare(
      [
        [0, 0],
        [0, 0],
      ],
      true,
    ),
  ).toBe(0);
  for (const fit of ['crop', 'squash'] as const) {
    const geometry = fitImage(
      { width: 8, height: 4 },
      { width: 8, height: 8, fit, cropFraction: 1 },
    );
    expect(barShare([[1, 2]], true, geometry)).toBeUndefined();
  }
});
