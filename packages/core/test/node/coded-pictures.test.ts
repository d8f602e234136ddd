import { readFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { decodeImage } from '../../src/node/image-files.ts';
import { codedPictures, codedFolder, refusedPictures } from '../helper/coded-pictures.ts';

const read = (file: string): Buffer => readFileSync(path.join(codedFolder, file));

describe('forms of files are what numpy or another decoder says', () => {
  test.each(codedPictures)('$file', async ({ file, width, height, steps, rgb }) => {
    const image = await decodeImage(read(file), file);
    expect([image.width, image.height, image.channels]).toEqual([width, height, 3]);
    const off = Math.max(...rgb.map((value, i) => Math.abs(value - image.data[i]!)));
    expect(off).toBeLessThanOrEqual(steps);
  });
});

describe('forms that are not read are refused by name', () => {
  test.each(refusedPictures)('$file', async ({ file, says }) => {
    await expect(decodeImage(read(file), file)).rejects.toMatchObject({
      kind: 'image',
      message: expect.stringContaining(`${file}: not an image that can be decoded (${says}`),
    });
  });

  test('of 16 bits times their alpha, signed', async () => {
    // The tags of a picture that is read, one of them changed: alpha that its colours are multiplied with.
    const deep = await sharp(
      Uint16Array.from({ length: 8 }, (_, i) => i * 9),
      {
        raw: { width: 4, height: 1, channels: 2 },
      },
    )
      .toColourspace('grey16')
      .tiff({ compression: 'none' })
      .toBuffer();
    const changed = withTags(deep, { 338: 1, 339: 2 });
    await expect(decodeImage(changed, 'odd.tif')).rejects.toMatchObject({
      kind: 'image',
      message: expect.stringMatching(/^odd\.tif: int16 colours times their alpha are not read$/),
    });
  });
});

describe('what was chosen is told', () => {
  const notRead = 'is not applied: the stored numbers are taken for sRGB';
  test.each([
    ['wide-gamut.png', `its colour profile (Display P3) ${notRead}`],
    ['wide-gamut.jpg', `its colour profile (Display P3) ${notRead}`],
    ['cmyk-adobe.jpg', 'inks (CMYK) became RGB as (255 - ink)(255 - black) / 255'],
    ['cmyk-deep.tif', 'inks (CMYK) became RGB as (255 - ink)(255 - black) / 255'],
    ['unnamed-channel.tif', 'a channel beside its colours, which the file does not call alpha'],
    ['pages-mixed.tif', 'the first of 3 pages'],
    ['frames.webp', 'the first of 2 pages or frames'],
    ['frames.png', 'the first of 3 pages or frames'],
    ['float-ranged.tif', '-500 to 1500 (as its tags SMinSampleValue and SMaxSampleValue say)'],
    ['bigtiff-ranged.tif', '-500 to 1500 (as its tags SMinSampleValue and SMaxSampleValue say)'],
    ['half.tif', 'float16 values: 0 to 1 (all values lie there)'],
    ['white-is-zero-float.tif', 'it says that 0 is white, which is not followed'],
  ])('%s: %s', async (file, note) => {
    const { notes } = await decodeImage(read(file), file);
    expect(notes.filter((one) => one.includes(note))).toHaveLength(1);
  });

  test.each(['srgb-profile.png', 'turned-6.tif', 'deep-rgba.png', '444.avif', 'moved-frame.gif'])(
    'of %s there is nothing to tell',
    async (file) => expect((await decodeImage(read(file), file)).notes).toEqual([]),
  );

  test('whose range is which, as data too', async () => {
    const { samples } = await decodeImage(read('signed-ranged.tif'));
    expect(samples).toMatchObject({ type: 'int16', window: [-1024, 3071], by: 'file' });
    const stated = await decodeImage(read('signed-ranged.tif'), 'it', { window: [0, 1000] });
    expect(stated.samples).toMatchObject({ window: [0, 1000], by: 'stated' });
  });
});

/** The same little-endian TIFF with other values of tags of one SHORT each. */
function withTags(bytes: Buffer, values: Readonly<Record<number, number>>): Buffer {
  const copy = Buffer.from(bytes);
  const start = copy.readUInt32LE(4);
  for (let i = 0; i < copy.readUInt16LE(start); i++) {
    const at = start + 2 + 12 * i;
    const value = values[copy.readUInt16LE(at)];
    // Up to two SHORTs lie in the entry itself.
    if (value === undefined) continue;
    for (let k = 0; k < copy.readUInt32LE(at + 4); k++) copy.writeUInt16LE(value, at + 8 + 2 * k);
  }
  return copy;
}
