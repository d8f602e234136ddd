import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { countFrames } from '../../src/image/count-frames.ts';
import { readWebpOrientation, turnUpright, type Orientation } from '../../src/image/orientation.ts';
import { codedFolder } from '../helper/coded-pictures.ts';

const frames = new URL('../fixtures/pictures/frames.gif', import.meta.url);
const read = (file: string): Uint8Array => readFileSync(path.join(codedFolder, file));

test.each([
  ['GIF', 'interlaced.gif', 1],
  ['GIF', 'moved-frame.gif', 1],
  ['WebP', 'frames.webp', 2],
  ['WebP', 'lossy-alpha.webp', 1],
  ['PNG', 'frames.png', 3],
  ['PNG', 'deep-rgba.png', 1],
  ['AVIF', '444.avif', 1],
])('%s, %s: %i', (kind, file, count) => {
  expect(countFrames(read(file), kind)).toBe(count);
});

test.each([1, 2, 7])('libvips writes GIF and WebP of %i frames', async (count) => {
  const [width, side] = [9, 6];
  const pixels = Uint8Array.from({ length: width * side * count * 3 }, (_, i) => (i * 37) % 251);
  const raw = { width, height: side * count, channels: 3, pageHeight: side } as const;
  const picture = sharp(pixels, { raw });
  expect(countFrames(await picture.gif().toBuffer(), 'GIF')).toBe(count);
  expect(countFrames(await picture.webp().toBuffer(), 'WebP')).toBe(count);
});

test('any torn or broken file has a count, and reading ends', () => {
  const files = [
    ['GIF', readFileSync(frames)],
    ['WebP', read('frames.webp')],
    ['WebP', read('turned-6.webp')],
    ['PNG', read('frames.png')],
  ] as const;
  fc.assert(
    fc.property(
      fc.constantFrom(...files),
      fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 6 }),
      fc.nat(400),
      ([kind, bytes], changes, length) => {
        const broken = Uint8Array.from(bytes.subarray(0, length));
        for (const [at, value] of changes) if (at < broken.length) broken[at] = value;
        expect(countFrames(broken, kind)).toBeGreaterThanOrEqual(1);
        expect([1, 2, 3, 4, 5, 6, 7, 8]).toContain(readWebpOrientation(broken));
      },
    ),
    { numRuns: 500 },
  );
});

test.each([1, 2, 3, 4, 5, 6, 7, 8] as const)(
  'Pillow writes WebP of orientation %i',
  (orientation) => {
    expect(readWebpOrientation(read(`turned-${orientation}.webp`))).toBe(orientation);
  },
);

/** Of the stored picture `a b c / d e f`, by hand from the places that TIFF 6.0 gives row 0 and column 0. */
const upright: Readonly<Record<Orientation, string>> = {
  1: 'abc/def',
  2: 'cba/fed',
  3: 'fed/cba',
  4: 'def/abc',
  5: 'ad/be/cf',
  6: 'da/eb/fc',
  7: 'fc/eb/da',
  8: 'cf/be/ad',
};

test.each(Object.entries(upright))('orientation %s is turned upright', (orientation, rows) => {
  const data = Uint8Array.from([...'abcdef'].flatMap((letter) => [letter.charCodeAt(0), 0, 0, 9]));
  const stored = { width: 3, height: 2, channels: 4, data } as const;
  const turned = turnUpright(stored, Number(orientation) as Orientation);
  const letters = Array.from({ length: 6 }, (_, i) => String.fromCharCode(turned.data[i * 4]!));
  const shown = Array.from({ length: turned.height }, (_, y) =>
    letters.slice(y * turned.width, (y + 1) * turned.width).join(''),
  );
  expect(shown.join('/')).toBe(rows);
  expect(turned.data[3]).toBe(9);
});
