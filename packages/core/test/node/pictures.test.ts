import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { describeScale } from '../../src/image/sample-scale.ts';
import { decodeImage } from '../../src/node/image-files.ts';

const folder = fileURLToPath(new URL('../fixtures/pictures', import.meta.url));

interface PictureCase {
  readonly file: string;
  readonly window?: [number, number];
  readonly rgb: number[];
}

const { width, height, cases } = JSON.parse(
  readFileSync(path.join(folder, 'expected.json'), 'utf8'),
) as { width: number; height: number; cases: PictureCase[] };

/** The decoder's numbers are of 32 bits, the oracle's of 64: a half may be rounded to the other side. */
const ROUNDING_STEP = 1;

const isScaled = (file: string): boolean => /float|signed|stated/.test(file);

const decode = ({ file, window }: PictureCase) =>
  decodeImage(readFileSync(path.join(folder, file)), file, window === undefined ? {} : { window });

describe('pictures that Pillow wrote are what numpy says', () => {
  test.each(cases)('$file', async (one) => {
    const image = await decode(one);
    expect([image.width, image.height, image.channels]).toEqual([width, height, 3]);
    const steps = isScaled(one.file) ? ROUNDING_STEP : 0;
    one.rgb.forEach((value, i) => {
      expect(Math.abs(image.data[i]! - value), `value ${i}`).toBeLessThanOrEqual(steps);
    });
  });
});

describe('what was done is told', () => {
  const notesOf = async (file: string): Promise<readonly string[]> =>
    (await decode(cases.find((one) => one.file === file)!)).notes;

  test.each([
    'gray.png',
    'rgba.tif',
    'sixteen.png',
    'palette.gif',
    'twelve-stated.tif',
    'float-stated.tif',
  ])('of %s there is nothing to tell', async (file) => {
    expect(await notesOf(file)).toEqual([]);
  });

  test.each([
    ['twelve-of-sixteen.png', /^largest value 4095 of 65535, .* state --window 0\.\.4095$/],
    ['twelve-of-sixteen.tif', /^largest value 4095 of 65535, .* state --window 0\.\.4095$/],
    [
      'float-unit.tif',
      /^float32 values: 0 to 1 \(all values lie there\) became 0 to 255; --window/,
    ],
    ['float-wide.tif', /^float32 values: -\d.* \(its smallest and largest value\)/],
    ['signed.tif', /^int32 values: -\d+ to \d+ \(its smallest and largest value\)/],
    ['pages.tif', /^the first of 3 pages or frames$/],
    ['frames.gif', /^the first of 3 pages or frames$/],
  ])('%s', async (file, note) => {
    expect(await notesOf(file)).toEqual([expect.stringMatching(note)]);
  });

  test('as data too', async () => {
    const stated = await decode(cases.find(({ file }) => file === 'signed-stated.tif')!);
    expect(stated.samples).toMatchObject({ type: 'int32', window: [-160, 240], by: 'stated' });
    expect((await decode(cases[0]!)).samples).toBeUndefined();
  });

  test('bits that the largest value needs are what is proposed', () => {
    const of = (largest: number): string | null =>
      describeScale({ type: 'uint16', window: [0, 65535], by: 'type', smallest: 0, largest });
    expect(of(1000)).toContain('--window 0..1023');
    expect(of(16383)).toContain('--window 0..16383');
    expect(of(16384)).toBeNull();
  });
});
