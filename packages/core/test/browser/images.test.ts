import { readFileSync } from 'node:fs';
import { copyFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeImage } from '../../src/node/image-files.ts';
import { codedFolder, codedPictures } from '../helper/coded-pictures.ts';
import { createRandom } from '../helper/random.ts';
import { skipWithoutChromium } from './helper/chromium.ts';
import { pageEngines, startPage, type OpenPage } from './helper/start-page.ts';

const [width, height] = [37, 23];

/** Noise in every channel: each value, and with alpha each pair of value and alpha, may occur. */
function noise(channels: 1 | 2 | 3 | 4) {
  const random = createRandom(channels);
  const data = Uint8Array.from({ length: width * height * channels }, () => random() * 256);
  return sharp(data, { raw: { width, height, channels } });
}

function noise16(channels: 1 | 3) {
  const random = createRandom(16 + channels);
  const data = Uint16Array.from({ length: width * height * channels }, () => random() * 65536);
  return sharp(data, { raw: { width, height, channels } });
}

const opaque = {
  RGB: () => noise(3).png(),
  gray: () => noise(1).toColourspace('b-w').png(),
  'a palette': () => noise(3).png({ palette: true, colours: 64 }),
  interlaced: () => noise(3).png({ progressive: true }),
  '16-bit RGB': () => noise16(3).toColourspace('rgb16').png(),
  '16-bit gray': () => noise16(1).toColourspace('grey16').png(),
  'an ICC profile of wide colours': () => noise(3).withIccProfile('p3').png(),
} as const;

const transparent = {
  alpha: () => noise(4).png(),
  'gray with alpha': () => noise(2).toColourspace('b-w').png(),
} as const;

/** A pixel of libjpeg and one of the browser's decoder differ in the rounding of their transforms. */
const JPEG_STEPS = 4;

/** Another decoder's colours of whole AVIF pictures differ by 1, and the shares are rounded to 255 steps in between. */
const AVIF_STEPS = 4;

/** Chromium 156 stretches its alpha, and the page says so: the test of it fails when Chromium no longer does. */
const withStretchedAlpha = 'alpha.avif';

const isSkipped = skipWithoutChromium();
let started: Awaited<ReturnType<typeof startPage>>;
let page: OpenPage;
beforeAll(async () => {
  if (isSkipped) return;
  started = await startPage();
  page = await started.open(pageEngines['tfjs cpu']!);
}, 120_000);
afterAll(() => started?.close());

describe.skipIf(isSkipped)('pictures in Chromium', () => {
  async function decodeBoth(bytes: Uint8Array, name: string) {
    await writeFile(path.join(started.files, name), bytes);
    const here = await decodeImage(bytes);
    const there = await page.call('decodeImageUrl', `/files/${name}`);
    expect([there.width, there.height]).toEqual([here.width, here.height]);
    return { here: [...here.data], there: there.pixels };
  }

  test.each(Object.entries({ ...opaque, ...transparent }))(
    'PNG, %s: the pixels of Node',
    async (name, make) => {
      const { here, there } = await decodeBoth(
        await make().toBuffer(),
        `${name.replaceAll(' ', '-')}.png`,
      );
      expect(there).toEqual(here);
    },
  );

  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'JPEG, EXIF orientation %i: upright as in Node',
    async (orientation) => {
      const blocks = noise(3).blur(3).withMetadata({ orientation });
      const jpeg = await blocks.jpeg({ quality: 95, chromaSubsampling: '4:4:4' }).toBuffer();
      const { here, there } = await decodeBoth(jpeg, `turned-${orientation}.jpg`);
      const worst = here.reduce((most, value, i) => Math.max(most, Math.abs(value - there[i]!)), 0);
      expect(worst).toBeLessThanOrEqual(JPEG_STEPS);
    },
  );

  test.each(
    codedPictures.filter(({ file }) => !file.endsWith('.tif') && file !== withStretchedAlpha),
  )('$file: what another decoder says', async ({ file, width, height, steps, rgb }) => {
    await copyFile(path.join(codedFolder, file), path.join(started.files, file));
    const there = await page.call('decodeImageUrl', `/files/${file}`);
    expect([there.width, there.height]).toEqual([width, height]);
    const off = Math.max(...rgb.map((value, i) => Math.abs(value - there.pixels[i]!)));
    expect(off).toBeLessThanOrEqual(steps);
  });

  test('AVIF with alpha: taken for one of limited range, and the page says so', async () => {
    const bytes = readFileSync(path.join(codedFolder, withStretchedAlpha));
    await writeFile(path.join(started.files, withStretchedAlpha), bytes);
    const there = await page.call('decodeImageUrl', `/files/${withStretchedAlpha}`);
    const stored = await sharp(bytes).raw().toBuffer();
    const stretched = Array.from({ length: stored.length / 4 }, (_, i) => {
      const [alpha, colours] = [stored[4 * i + 3]!, [...stored.subarray(4 * i, 4 * i + 3)]];
      const share = Math.min(1, Math.max(0, (alpha - 16) / 219));
      return colours.map((value) => Math.round(value * share + 255 * (1 - share)));
    }).flat();
    const off = stretched.map((value, i) => Math.abs(value - there.pixels[i]!));
    expect(Math.max(...off)).toBeLessThanOrEqual(AVIF_STEPS);
    expect(there.notes).toEqual([expect.stringContaining('Chromium stretches that of AVIF')]);
  });

  test.each(['frames.webp', 'frames.png', 'interlaced.gif', 'turned-6.webp', '444.avif'])(
    '%s: the notes of Node',
    async (file) => {
      const bytes = readFileSync(path.join(codedFolder, file));
      await writeFile(path.join(started.files, file), bytes);
      const { notes } = await page.call('decodeImageUrl', `/files/${file}`);
      expect(notes).toEqual((await decodeImage(bytes)).notes);
      const frames = { 'frames.webp': 2, 'frames.png': 3 }[file];
      expect(notes).toEqual(frames === undefined ? [] : [`the first of ${frames} pages or frames`]);
    },
  );

  test('what Node refuses by its kind or its declared size, a page refuses too', async () => {
    // 16000 x 16000 in the header and in the only frame, one colour, and hardly any data.
    const size = [0x80, 0x3e, 0x80, 0x3e];
    const gif = Buffer.from([
      ...Buffer.from('GIF89a'),
      ...size,
      ...[0x80, 0, 0, 0, 0, 0, 255, 255, 255],
      ...[0x2c, 0, 0, 0, 0, ...size, 0],
      ...[2, 2, 0x44, 1, 0, 0x3b],
    ]);
    // A white pixel, which browsers would decode.
    const bmp = Buffer.alloc(58, 0xff);
    bmp.write('BM\x3a\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x01\0\0\0\x01\0\0\0\x01\0\x18\0', 'latin1');
    bmp.fill(0, 30, 54);
    const heic = Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1');
    const dicom = Buffer.concat([Buffer.alloc(128), Buffer.from('DICM')]);
    const refused = {
      'drawing.png': ['<svg xmlns="http://www.w3.org/2000/svg"/>', 'its kind is SVG'],
      'bomb.gif': [gif, '16000 x 16000 are 256.0 megapixels, more than the limit of 134.2'],
      'noise.png': ['no picture at all', 'its first bytes are of no known kind'],
      'bitmap.bmp': [bmp, 'its kind is BMP'],
      'phone.jpg': [heic, 'its kind is HEIC'],
      'scan.png': [dicom, 'its kind is DICOM'],
      'moving.avif': [readFileSync(path.join(codedFolder, 'animation.avif')), 'an AVIF animation'],
    } as const;
    for (const [name, [bytes, reason]] of Object.entries(refused)) {
      await writeFile(path.join(started.files, name), bytes);
      await expect(decodeImage(Buffer.from(bytes))).rejects.toThrow(reason);
      await expect(page.call('decodeImageUrl', `/files/${name}`)).rejects.toThrow(reason);
    }
  });
});

/** Written by NumPy, and what it says that they are: `tools/oracles/write_pictures.py`. */
const pictures = new URL('../fixtures/pictures/', import.meta.url);
const { cases } = JSON.parse(readFileSync(new URL('expected.json', pictures), 'utf8')) as {
  cases: { file: string; rgb: number[]; window?: unknown }[];
};

describe.skipIf(isSkipped)('pictures of all kinds of numbers in Chromium', () => {
  test.each(cases.filter(({ window }) => window === undefined))('$file', async ({ file, rgb }) => {
    await writeFile(path.join(started.files, file), readFileSync(new URL(file, pictures)));
    const decoded = page.call('decodeImageUrl', `/files/${file}`);
    if (file.endsWith('.tif')) {
      await expect(decoded).rejects.toThrow('or give it to gradcam explain, which reads it');
      return;
    }
    const { pixels, notes } = await decoded;
    expect(pixels).toEqual(rgb);
    const dark = 'so the picture is dark; if it has 12 bits, state --window 0..4095';
    const said = file === 'frames.gif' ? 'the first of 3 pages or frames' : dark;
    const hasNote = file === 'frames.gif' || file.startsWith('twelve');
    expect(notes).toEqual(hasNote ? [expect.stringContaining(said) as string] : []);
  });
});

/** A page and its backends start in a second on an idle machine; a busy one may take many. */
const PAGE_START = 60_000;

// Each in a page of its own, since a page that was refused may be left without a backend.
describe.skipIf(isSkipped)('what a page refuses', { timeout: PAGE_START }, () => {
  test('webgl with 16-bit textures, and goes back to the backend before', async () => {
    const page = await started.open(pageEngines['tfjs cpu']!);
    const { message, backend } = await page.call('refuseHalfFloats');
    expect(message).toMatch(/webgl: this graphics card computes with 16-bit floats.*use wasm/);
    expect(backend).toBe('cpu');
  });

  test('wasm whose files are not served', async () => {
    const page = await started.open(pageEngines['tfjs cpu']!);
    expect(await page.call('refuse', 'wasm')).toMatch(/wasm does not start here: .*wasmPaths/);
  });
});
