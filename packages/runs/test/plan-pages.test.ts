import type { ResultLine } from '@gradcam/core';
import { expect, test } from 'vitest';
import { MAX_PAGES, planPages } from '../src/sheet/plan-pages.ts';

function lineOf(image: string, maps: number): ResultLine {
  const explanation = {
    method: 'grad-cam',
    layer: 'block4',
    target: { kind: 'class', index: 0 },
    files: { overlay: `${image}.png` },
    diagnostics: { probability: 0.5 },
  };
  const explanations = new Array(maps).fill(explanation);
  return { image, predictions: [], explanations } as unknown as ResultLine;
}

const linesOf = (count: number, maps: number): ResultLine[] =>
  Array.from({ length: count }, (_, i) => lineOf(`${i}`, maps));

test('as many groups in a row as fit in eight columns', () => {
  expect(planPages(linesOf(1, 1), 4)).toMatchObject({ columns: 8 });
  expect(planPages(linesOf(1, 2), 4)).toMatchObject({ columns: 6 });
  expect(planPages(linesOf(1, 4), 4)).toMatchObject({ columns: 5 });
});

test('a group longer than a row fills rows of its own', () => {
  // The image and ten maps are eleven places: two rows of eight.
  const { columns, pages } = planPages(linesOf(3, 10), 4);
  expect([columns, pages.map((places) => places.length)]).toEqual([8, [32, 16]]);
  expect(pages[0]!.map(({ kind }) => kind).indexOf('image', 1)).toBe(16);
});

test('a group is followed by the next one, however long the longest is', () => {
  // Rows: two for the first group, one for the second, one for the third.
  const { columns, pages } = planPages([lineOf('a', 10), lineOf('b', 7), lineOf('c', 2)], 4);
  expect([columns, pages.map((places) => places.length)]).toEqual([8, [32]]);
  const kinds = pages[0]!.map(({ kind }) => kind);
  expect(kinds.flatMap((kind, i) => (kind === 'image' ? [i] : []))).toEqual([0, 16, 24]);
});

test('groups are not parted between sheets, and what is too much is counted', () => {
  // Two rows of two groups of four are four images a sheet.
  const { columns, pages, leftOut } = planPages(linesOf(4 * MAX_PAGES + 3, 3), 2);
  expect([columns, pages.length, leftOut]).toEqual([8, MAX_PAGES, 3]);
  expect(pages.every((places) => places.length === 16)).toBe(true);
});
