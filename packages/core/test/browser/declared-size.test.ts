import fc from 'fast-check';
import sharp, { type Sharp } from 'sharp';
import { expect, test } from 'vitest';
import { readDeclaredSize } from '../../src/browser/declared-size.ts';
import { readPictureKind } from '../../src/image/picture-kind.ts';

/** Encoded by libvips, whose writers know nothing of our reader. */
const encoders: Readonly<Record<string, (picture: Sharp) => Sharp>> = {
  PNG: (picture) => picture.png(),
  GIF: (picture) => picture.gif(),
  'JPEG, baseline': (picture) => picture.jpeg(),
  'JPEG, progressive': (picture) => picture.jpeg({ progressive: true }),
  'JPEG with EXIF and a profile': (picture) =>
    picture.jpeg().withMetadata({ orientation: 6 }).withIccProfile('p3'),
  'WebP, lossy': (picture) => picture.webp(),
  'WebP, lossless': (picture) => picture.webp({ lossless: true }),
  'WebP with alpha': (picture) => picture.ensureAlpha(0.5).webp(),
  AVIF: (picture) => picture.avif({ effort: 0 }),
};

test.each(Object.entries(encoders))('%s', async (name, encode) => {
  for (const [width, height] of [
    [1, 1],
    [300, 17],
    [16, 1025],
  ] as const) {
    const create = { width, height, channels: 3, background: '#a04020' } as const;
    const bytes = await encode(sharp({ create })).toBuffer();
    const kind = readPictureKind(bytes)!;
    expect(kind).toBe(name.split(/[ ,]/)[0]);
    expect(readDeclaredSize(bytes, kind)).toEqual({ width, height });
  }
});

test('any torn or broken header is null or a size, never a fault, and ends', async () => {
  const create = { width: 20, height: 10, channels: 3, background: 'red' } as const;
  for (const [name, encode] of Object.entries(encoders)) {
    const bytes = await encode(sharp({ create })).toBuffer();
    const kind = name.split(/[ ,]/)[0]!;
    fc.assert(
      fc.property(fc.nat(bytes.length), fc.nat(bytes.length - 1), fc.nat(255), (end, at, value) => {
        const broken = Uint8Array.from(bytes);
        broken[at] = value;
        readDeclaredSize(broken.subarray(0, end), kind);
      }),
    );
  }
});
