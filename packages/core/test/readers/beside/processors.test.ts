import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cellAt, cellCentre, fitImage } from '../../../src/image/geometry.ts';
import { prepareInput } from '../../../src/image/prepare-input.ts';
import { describeModel } from '../../../src/model/describe-model.ts';
import { decodeArray, readFixture, type StoredArray } from '../../helper/fixture.ts';
import { beside, smallNet } from './small-net.ts';

interface Expected {
  readonly pictures: Readonly<
    Record<string, { readonly shape: readonly [number, number, number]; readonly uint8: string }>
  >;
  readonly cases: readonly {
    readonly name: string;
    readonly file: string;
    readonly json: object;
    readonly results: Readonly<Record<string, StoredArray>>;
  }[];
}

/**
 * Levels of 255. Pillow rounds to whole ones after each axis: half a level of the first, weighed by a filter whose
 * weights have at most 1.5 as the sum of their magnitudes (Lanczos), and half of the second.
 */
const PILLOW_ROUNDS = 0.5 * 1.5 + 0.5;

const expected = readFixture<Expected>('processors/expected.json');

describe('pictures come as the processors prepare them, with Pillow', () => {
  test.each(expected.cases.map((one) => [one.name, one] as const))('%s', async (name, one) => {
    const files = beside(smallNet(3, { size: [24, 24] }), { [one.file]: one.json });
    const { input, notUsed } = await describeModel(files);
    expect(notUsed).toEqual([]);
    const filter = /bicubic|lanczos|bilinear/.exec(name)![0];
    expect(input.resize).toBe(`${filter}-antialias`);
    for (const [picture, { shape, uint8 }] of Object.entries(expected.pictures)) {
      const [height, width] = shape;
      const data = Uint8Array.from(Buffer.from(uint8, 'base64'));
      const { values } = prepareInput({ width, height, channels: 3, data }, input);
      const wanted = decodeArray(one.results[picture]!);
      const worst = wanted.data.reduce(
        (most, value, i) =>
          Math.max(most, (Math.abs(values.data[i]! - value) * input.std[i % 3]!) / input.scale),
        0,
      );
      expect(worst, picture).toBeLessThan(PILLOW_ROUNDS);
    }
  });
});

test('of a picture that was squashed and cut, cells lie on it where they were seen', () => {
  const side = fc.integer({ min: 1, max: 3000 });
  const input = fc.record({
    height: fc.integer({ min: 2, max: 400 }),
    width: fc.integer({ min: 2, max: 400 }),
    cropFraction: fc.double({ min: 0.3, max: 1, noNaN: true }),
  });
  fc.assert(
    fc.property(side, side, input, fc.integer({ min: 1, max: 20 }), (width, height, one, cells) => {
      const geometry = fitImage({ width, height }, { ...one, fit: 'squash' });
      const { view } = geometry;
      const rounding = 1e-9 * Math.max(width, height);
      expect(view.x).toBeGreaterThanOrEqual(0);
      expect(view.y).toBeGreaterThanOrEqual(0);
      expect(view.x + view.width).toBeLessThanOrEqual(width + rounding);
      expect(view.y + view.height).toBeLessThanOrEqual(height + rounding);
      // Both sides keep the share, to a pixel of the squashed picture.
      expect(Math.abs(view.width / width - one.cropFraction)).toBeLessThanOrEqual(1 / one.width);
      expect(Math.abs(view.height / height - one.cropFraction)).toBeLessThanOrEqual(1 / one.height);
      const grid = [cells, cells] as const;
      for (const [row, column] of [
        [0, 0],
        [cells - 1, 0],
        [cells - 1, cells - 1],
      ] as const) {
        expect(cellAt(geometry, grid, cellCentre(geometry, grid, row, column))).toEqual({
          row,
          column,
        });
      }
    }),
  );
});
