import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createDisplayMap } from '../../../src/image/display-map.ts';
import { fitImage } from '../../../src/image/geometry.ts';
import { findPart } from '../../../src/image/localise/box-rule.ts';
import { findPeak } from '../../../src/image/localise/peak.ts';
import { boxRules } from '../../../src/run/box-rule.ts';
import { array } from '../../helper/array.ts';

const side = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 41, max: 400 }));

const scenes = fc
  .record({
    image: fc.record({ width: side, height: side }),
    input: fc.record({
      width: fc.integer({ min: 8, max: 64 }),
      height: fc.integer({ min: 8, max: 64 }),
    }),
    fit: fc.constantFrom('crop', 'squash', 'letterbox'),
    cropFraction: fc.constantFrom(1, 0.875),
    rows: fc.integer({ min: 1, max: 9 }),
    columns: fc.integer({ min: 1, max: 9 }),
  })
  .chain((scene) =>
    fc.record({
      scene: fc.constant(scene),
      values: fc.array(fc.integer({ min: -3, max: 9 }), {
        minLength: scene.rows * scene.columns,
        maxLength: scene.rows * scene.columns,
      }),
    }),
  );

test('peaks and boxes are inside of the picture, for every fit and all proportions', () => {
  fc.assert(
    fc.property(scenes, ({ scene, values }) => {
      const { image, input, fit, cropFraction, rows, columns } = scene;
      const geometry = fitImage(image, { ...input, fit, cropFraction });
      const raw = { shape: [rows, columns], data: Float32Array.from(values) };
      const peak = findPeak(raw, geometry);
      expect(peak.x).toBeGreaterThan(0);
      expect(peak.x).toBeLessThan(image.width);
      expect(peak.y).toBeGreaterThan(0);
      expect(peak.y).toBeLessThan(image.height);
      const map = createDisplayMap(raw, true, geometry);
      for (const rule of boxRules) {
        const part = findPart(map, rule, peak);
        if (part === null) continue;
        const { x, y, width, height } = part.box;
        expect(Math.min(x, y)).toBeGreaterThanOrEqual(0);
        expect(Math.min(width, height)).toBeGreaterThanOrEqual(1);
        expect(x + width).toBeLessThanOrEqual(image.width);
        expect(y + height).toBeLessThanOrEqual(image.height);
      }
      // A map with something on the picture has a part, with the peak's rule too.
      const isShown = map.values.some((value) => value > 0);
      expect(findPart(map, 'peak', peak) !== null).toBe(isShown);
    }),
    { numRuns: 500 },
  );
});

describe('a strip of 304 x 40 in a letterbox of 224 x 224, seven cells a side', () => {
  // A cell is 304 / 7 = 43.43 pixels; the view begins at y = (40 - 304) / 2 = -132. Row 3 is -1.71 .. 41.71 and
  // alone shows the picture; the others lie on bars.
  const geometry = fitImage(
    { width: 304, height: 40 },
    { width: 224, height: 224, fit: 'letterbox', cropFraction: 1 },
  );
  const rows = Array.from({ length: 7 }, () => Array.from({ length: 7 }, () => 0));
  rows[0]![2] = 9;
  rows[6]![5] = 8;
  rows[3]![4] = 1;

  test('the peak is the largest cell that shows some of the picture', () => {
    expect(findPeak(array(rows), geometry)).toEqual({ x: (4.5 / 7) * 304, y: 20 });
  });

  test('and the box is around it', () => {
    const peak = findPeak(array(rows), geometry);
    const map = createDisplayMap(array(rows), true, geometry);
    const { x, width } = findPart(map, 'peak', peak)!.box;
    expect(x).toBeLessThan(peak.x);
    expect(x + width).toBeGreaterThan(peak.x);
  });
});

test('a cell that shows a corner of the picture has its peak on the nearest pixel', () => {
  // 10 x 2 in a letterbox of 2 x 2 cells: cells are 5 x 5, the view begins at y = -4, so the upper row is
  // -4 .. 1 with its centre at -1.5, and shows the picture's first row.
  const geometry = fitImage(
    { width: 10, height: 2 },
    { width: 8, height: 8, fit: 'letterbox', cropFraction: 1 },
  );
  expect(
    findPeak(
      array([
        [0, 5],
        [1, 0],
      ]),
      geometry,
    ),
  ).toEqual({ x: 7.5, y: 0.5 });
  expect(
    findPeak(
      array([
        [0, 0],
        [1, 0],
      ]),
      geometry,
    ),
  ).toEqual({ x: 2.5, y: 1.5 });
});

describe('which part of a map', () => {
  /** A high and narrow part at the right, a wide and weak one at the left. */
  const map = {
    width: 6,
    height: 2,
    values: Float32Array.of(2, 2, 2, 0, 0, 0, 2, 2, 2, 0, 0, 10),
    visible: new Uint8Array(12).fill(1),
  };
  const peak = { x: 5.5, y: 1.5 };

  test.each([
    ['peak', { x: 5, y: 1, width: 1, height: 1 }, 1],
    ['paper', { x: 0, y: 0, width: 3, height: 2 }, 6],
    ['otsu', { x: 5, y: 1, width: 1, height: 1 }, 1],
  ] as const)('by the rule %s', (rule, box, area) => {
    expect(findPart(map, rule, peak)).toMatchObject({ box, area });
  });

  test('where the display says nothing at the peak, its own largest value stands for it', () => {
    expect(findPart(map, 'peak', { x: 4.5, y: 0.5 })).toMatchObject({ box: { x: 5, y: 1 } });
  });

  test('a map without positive values has none', () => {
    const blank = { ...map, values: new Float32Array(12) };
    for (const rule of boxRules) expect(findPart(blank, rule, peak)).toBeNull();
  });
});
