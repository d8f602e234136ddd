import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { resampleImage, resampleTaps } from '../../src/image/resample.ts';
import { readFixture } from '../helper/fixture.ts';

interface ResizeCase {
  readonly name: string;
  readonly before: readonly [number, number];
  /** left, top, right, bottom; null for the whole image. */
  readonly box: readonly [number, number, number, number] | null;
  readonly after: readonly [number, number];
  readonly image: readonly number[];
  readonly resized: readonly number[];
}

/** Both oracles sum in float32: some roundings of 255 * 2^-24 = 1.5e-5. */
const FLOAT32_OF_255 = 1e-4;

function resize(
  image: readonly number[],
  before: readonly [number, number],
  after: readonly [number, number],
  box: ResizeCase['box'] = null,
): number[] {
  const [left, top, right, bottom] = box ?? [0, 0, before[1], before[0]];
  const down = resampleTaps(before[0], { start: top, length: bottom - top }, after[0]);
  const across = resampleTaps(before[1], { start: left, length: right - left }, after[1]);
  const source = { width: before[1], height: before[0], channels: 1, data: image };
  return [...resampleImage(source, down, across)];
}

describe('resized images equal those of TensorFlow and Pillow', () => {
  const { cases } = readFixture<{ cases: ResizeCase[] }>('resize/resize.json');
  test.each(cases)('$name', ({ image, before, after, box, resized }) => {
    const found = resize(image, before, after, box);
    expect(found).toHaveLength(resized.length);
    found.forEach((value, i) => {
      expect(Math.abs(value - resized[i]!)).toBeLessThanOrEqual(FLOAT32_OF_255);
    });
  });
});

describe('the half-pixel grid', () => {
  test('doubles [[0, 1], [2, 3]] as by hand', () => {
    expect(resize([0, 1, 2, 3], [2, 2], [4, 4])).toEqual(
      [
        [0, 0.25, 0.75, 1],
        [0.5, 0.75, 1.25, 1.5],
        [1.5, 1.75, 2.25, 2.5],
        [2, 2.25, 2.75, 3],
      ].flat(),
    );
  });

  test.each([
    { cells: 7, hot: 3, centroid: 111.5, largest: 0.968994 },
    { cells: 7, hot: 1, centroid: 47.5, largest: 0.968994 },
    { cells: 14, hot: 7, centroid: 119.5, largest: 0.938477 },
    { cells: 14, hot: 1, centroid: 23.5, largest: 0.938477 },
  ])('of $cells cells, cell $hot lands around pixel $centroid of 224', (expected) => {
    const { cells, hot, centroid, largest } = expected;
    const map = Array.from({ length: cells * cells }, (_, i) => (i === hot * cells + hot ? 1 : 0));
    const found = resize(map, [cells, cells], [224, 224]);
    const rows = Array.from({ length: 224 }, (_, y) =>
      found.slice(y * 224, (y + 1) * 224).reduce((a, b) => a + b, 0),
    );
    const total = rows.reduce((a, b) => a + b, 0);
    expect(rows.reduce((sum, row, y) => sum + row * y, 0) / total).toBeCloseTo(centroid, 3);
    expect(Math.max(...found)).toBeCloseTo(largest, 6);
  });
});

describe('taps', () => {
  test('of a view beyond the image take the edge', () => {
    const taps = resampleTaps(3, { start: -2, length: 7 }, 7);
    expect(taps.map(({ start, weights }) => [start, [...weights]])).toEqual([
      [0, [1]],
      [0, [1]],
      [0, [1]],
      [1, [1]],
      [2, [1]],
      [2, [1]],
      [2, [1]],
    ]);
  });

  test('are inside the image, positive, and sum to one, for any view', () => {
    const views = fc.record({
      from: fc.integer({ min: 1, max: 40 }),
      to: fc.integer({ min: 1, max: 40 }),
      start: fc.double({ min: -50, max: 50, noNaN: true }),
      length: fc.double({ min: 0.1, max: 100, noNaN: true }),
    });
    fc.assert(
      fc.property(views, ({ from, to, start: origin, length }) => {
        for (const { start, weights } of resampleTaps(from, { start: origin, length }, to)) {
          expect(start).toBeGreaterThanOrEqual(0);
          expect(start + weights.length).toBeLessThanOrEqual(from);
          expect(weights.every((weight) => weight > 0)).toBe(true);
          expect(weights.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
        }
      }),
    );
  });
});

test('channels are kept apart', () => {
  const image = { width: 2, height: 1, channels: 3, data: [0, 100, 200, 10, 110, 210] };
  const down = resampleTaps(1, { start: 0, length: 1 }, 1);
  const across = resampleTaps(2, { start: 0, length: 2 }, 4);
  expect([...resampleImage(image, down, across)]).toEqual(
    [
      [0, 100, 200],
      [2.5, 102.5, 202.5],
      [7.5, 107.5, 207.5],
      [10, 110, 210],
    ].flat(),
  );
});

describe('any number of channels gives each what it has alone', () => {
  const { cases } = readFixture<{ cases: ResizeCase[] }>('resize/resize.json');
  test.each([2, 3, 4])('%i channels', (channels) => {
    for (const { image, before, after } of cases) {
      const [height, width] = before;
      const down = resampleTaps(height, { start: 0, length: height }, after[0]);
      const across = resampleTaps(width, { start: 0, length: width }, after[1]);
      // The same picture in each channel, by another factor.
      const data = image.flatMap((value) =>
        Array.from({ length: channels }, (_, c) => value / (c + 1)),
      );
      const found = resampleImage({ width, height, channels, data }, down, across);
      for (let c = 0; c < channels; c++) {
        const one = image.map((value) => value / (c + 1));
        const alone = resampleImage({ width, height, channels: 1, data: one }, down, across);
        expect([...found].filter((_, i) => i % channels === c)).toEqual([...alone]);
      }
    }
  });
});
