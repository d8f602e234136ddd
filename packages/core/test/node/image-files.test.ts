import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeImage, encodePng, readImage } from '../../src/node/image-files.ts';
import { compositeOnWhite } from '../../src/image/prepare-input.ts';

type Channels = 1 | 2 | 3 | 4;

function raw(values: readonly number[], channels: Channels, height = 1) {
  const width = values.length / channels / height;
  return sharp(Uint8Array.from(values), { raw: { width, height, channels } });
}

function raw16(values: readonly number[], channels: Channels) {
  const width = values.length / channels;
  return sharp(Uint16Array.from(values), { raw: { width, height: 1, channels } });
}

async function pixelsOf(bytes: Uint8Array): Promise<number[]> {
  return [...(await decodeImage(bytes)).data];
}

describe('PNG', () => {
  test('RGB to the last bit', async () => {
    const values = [10, 20, 30, 255, 0, 128];
    const image = await decodeImage(await raw(values, 3, 2).png().toBuffer());
    expect(image).toMatchObject({ width: 1, height: 2, channels: 3 });
    expect([...image.data]).toEqual(values);
  });

  test('gray and palette become RGB', async () => {
    expect(await pixelsOf(await raw([0, 77], 1).toColourspace('b-w').png().toBuffer())).toEqual([
      0, 0, 0, 77, 77, 77,
    ]);
    const values = [255, 0, 0, 0, 0, 255];
    expect(await pixelsOf(await raw(values, 3).png({ palette: true }).toBuffer())).toEqual(values);
  });

  test('alpha is laid over white with the rounding of the browser’s path', async () => {
    const data = Uint8Array.of(...[77, 66, 55, 3], ...[0, 100, 255, 128], ...[1, 2, 3, 0]);
    const png = await raw([...data], 4)
      .png()
      .toBuffer();
    const expected = compositeOnWhite({ width: 3, height: 1, channels: 4, data });
    expect(await pixelsOf(png)).toEqual([...expected.data]);
    // 77 * 3 / 255 + 252 = 252.9 and so on, 100 * 128 / 255 + 127 = 177.2
    expect([...expected.data]).toEqual([
      ...[253, 253, 253],
      ...[127, 177, 255],
      ...[255, 255, 255],
    ]);
  });

  test('gray with alpha', async () => {
    const png = await raw([0, 255, 100, 128], 2).toColourspace('b-w').png().toBuffer();
    expect(await pixelsOf(png)).toEqual([0, 0, 0, 177, 177, 177]);
  });

  test('16 bits are scaled to 8', async () => {
    const rgb = await raw16([0, 257, 32768, 65535, 0xff00, 40000], 3)
      .toColourspace('rgb16')
      .png()
      .toBuffer();
    expect((await sharp(rgb).metadata()).depth).toBe('ushort');
    expect(await pixelsOf(rgb)).toEqual([0, 1, 128, 255, 255, 156]);
    const gray = await raw16([0, 65535], 1).toColourspace('grey16').png().toBuffer();
    expect((await sharp(gray).metadata()).depth).toBe('ushort');
    expect(await pixelsOf(gray)).toEqual([0, 0, 0, 255, 255, 255]);
  });

  test('an ICC profile changes nothing: the stored numbers count', async () => {
    const png = await raw([255, 0, 0], 3).withIccProfile('p3').png().toBuffer();
    expect((await sharp(png).metadata()).icc).toBeDefined();
    const stored = await sharp(png, { ignoreIcc: true }).raw().toBuffer();
    // Red of sRGB lies inside of P3, so the stored numbers are others.
    expect([...stored]).not.toEqual([255, 0, 0]);
    expect(await pixelsOf(png)).toEqual([...stored]);
  });
});

describe('JPEG', () => {
  /** Stored rows and columns of gray blocks: a b, c d, e f. */
  const [a, b, c, d, e, f] = [20, 60, 100, 140, 180, 220];

  /** EXIF 2.3, tag 0x0112: what the viewer shows for each orientation. */
  const shown: Record<number, number[][]> = {
    1: [
      [a, b],
      [c, d],
      [e, f],
    ],
    2: [
      [b, a],
      [d, c],
      [f, e],
    ],
    3: [
      [f, e],
      [d, c],
      [b, a],
    ],
    4: [
      [e, f],
      [c, d],
      [a, b],
    ],
    5: [
      [a, c, e],
      [b, d, f],
    ],
    6: [
      [e, c, a],
      [f, d, b],
    ],
    7: [
      [f, d, b],
      [e, c, a],
    ],
    8: [
      [b, d, f],
      [a, c, e],
    ],
  };

  test.each(Object.entries(shown))('EXIF orientation %s is applied', async (orientation, rows) => {
    const blocks = [
      [a, b],
      [c, d],
      [e, f],
    ];
    const stored = Array.from({ length: 24 * 16 }, (_, i) => {
      const gray = blocks[Math.floor(i / 16 / 8)]![Math.floor((i % 16) / 8)]!;
      return [gray, gray, gray];
    });
    const jpeg = await raw(stored.flat(), 3, 24)
      .withMetadata({ orientation: Number(orientation) })
      .jpeg({ quality: 100, chromaSubsampling: '4:4:4' })
      .toBuffer();
    const image = await decodeImage(jpeg);
    expect([image.height, image.width]).toEqual([rows.length * 8, rows[0]!.length * 8]);
    const found = rows.map((row, y) =>
      row.map((_, x) => image.data[((y * 8 + 4) * image.width + x * 8 + 4) * 3]!),
    );
    // Flat blocks of one JPEG block each lose at most a step by quantisation.
    rows
      .flat()
      .forEach((gray, i) => expect(Math.abs(found.flat()[i]! - gray)).toBeLessThanOrEqual(1));
  });

  test('CMYK becomes RGB', async () => {
    const colours = [255, 255, 255, 200, 30, 40];
    const wide = colours.flatMap((_, i) =>
      i % 3 === 0 ? Array.from({ length: 16 * 16 }, () => colours.slice(i, i + 3)).flat() : [],
    );
    const jpeg = await raw(wide, 3, 32).toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer();
    expect((await sharp(jpeg).metadata()).space).toBe('cmyk');
    const image = await decodeImage(jpeg);
    expect(image).toMatchObject({ width: 16, height: 32, channels: 3 });
    const [white, red] = [8, 24].map((y) => [
      ...image.data.subarray((y * 16 + 8) * 3).subarray(0, 3),
    ]);
    white!.forEach((value) => expect(value).toBeGreaterThanOrEqual(250));
    // Which red depends on the profile; that it is this red and not its complement does not.
    red!.forEach((value, i) => expect(Math.abs(value - colours[3 + i]!)).toBeLessThanOrEqual(40));
  });

  test('gray becomes RGB', async () => {
    const jpeg = await raw(new Array(64).fill(90), 1, 8).toColourspace('b-w').jpeg().toBuffer();
    expect((await sharp(jpeg).metadata()).channels).toBe(1);
    expect(new Set(await pixelsOf(jpeg))).toEqual(new Set([90]));
  });
});

describe('files', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'gradcam-images-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('are read, and named in errors', async () => {
    const file = path.join(folder, 'a.png');
    await writeFile(file, await raw([1, 2, 3], 3).png().toBuffer());
    expect([...(await readImage(file)).data]).toEqual([1, 2, 3]);
    await expect(readImage(path.join(folder, 'none.png'))).rejects.toMatchObject({
      kind: 'image',
      message: expect.stringMatching(/none\.png: cannot be read \(ENOENT\)/),
    });
    await expect(readImage(folder)).rejects.toMatchObject({ kind: 'image' });
  });

  test.each([
    ['nothing', new Uint8Array(0), /the file is empty/],
    ['text', new TextEncoder().encode('not an image'), /not an image that can be decoded/],
  ])('of %s are errors', async (_, bytes, message) => {
    await expect(decodeImage(bytes, 'it')).rejects.toMatchObject({
      kind: 'image',
      message: expect.stringMatching(message),
    });
  });

  test('a TIFF with channels beside its colours is refused, not read as another picture', async () => {
    const five = tiffOfSamples(6, 4, 5);
    await expect(decodeImage(five, 'five.tif')).rejects.toMatchObject({
      kind: 'image',
      message: 'five.tif: 5 channels; gray, RGB and CMYK are read, with alpha or without',
    });
  });

  test('a torn PNG is an error', async () => {
    const png = await raw(
      Array.from({ length: 3000 }, (_, i) => i * 7919),
      3,
      10,
    )
      .png()
      .toBuffer();
    await expect(decodeImage(png.subarray(0, png.length / 2))).rejects.toMatchObject({
      kind: 'image',
    });
  });
});

test('what is encoded as PNG is decoded again, RGB and RGBA', async () => {
  const rgb = { width: 2, height: 1, channels: 3, data: Uint8Array.of(1, 2, 3, 4, 5, 6) } as const;
  expect([...(await decodeImage(await encodePng(rgb))).data]).toEqual([...rgb.data]);
  const rgba = { width: 1, height: 1, channels: 4, data: Uint8Array.of(9, 8, 7, 6) } as const;
  const decoded = await sharp(await encodePng(rgba))
    .raw()
    .toBuffer();
  expect([...decoded]).toEqual([9, 8, 7, 6]);
});

/** An uncompressed 8-bit TIFF 6.0 of that many samples a pixel, those after the third with no meaning stated. */
function tiffOfSamples(width: number, height: number, samples: number): Buffer {
  const [SHORT, LONG] = [3, 4];
  const extra = new Array<number>(samples - 3).fill(0);
  const fields: readonly (readonly [tag: number, type: number, values: readonly number[]])[] = [
    [256, SHORT, [width]],
    [257, SHORT, [height]],
    [258, SHORT, new Array<number>(samples).fill(8)],
    [259, SHORT, [1]],
    [262, SHORT, [2]],
    [273, LONG, [8]],
    [277, SHORT, [samples]],
    [278, SHORT, [height]],
    [279, LONG, [width * height * samples]],
    [338, SHORT, extra],
  ];
  const pixels = Buffer.alloc(width * height * samples, 100);
  const head = Buffer.alloc(8);
  head.write('II*\0', 'latin1');
  head.writeUInt32LE(8 + pixels.length, 4);
  const directory = Buffer.alloc(2 + 12 * fields.length + 4);
  directory.writeUInt16LE(fields.length);
  const later: Buffer[] = [];
  let place = 8 + pixels.length + directory.length;
  fields.forEach(([tag, type, values], i) => {
    const at = 2 + 12 * i;
    directory.writeUInt16LE(tag, at);
    directory.writeUInt16LE(type, at + 2);
    directory.writeUInt32LE(values.length, at + 4);
    const bytes = Buffer.alloc(values.length * (type === SHORT ? 2 : 4));
    values.forEach((value, k) =>
      type === SHORT ? bytes.writeUInt16LE(value, 2 * k) : bytes.writeUInt32LE(value, 4 * k),
    );
    if (bytes.length <= 4) return void bytes.copy(directory, at + 8);
    directory.writeUInt32LE(place, at + 8);
    later.push(bytes);
    place += bytes.length;
  });
  return Buffer.concat([head, pixels, directory, ...later]);
}
