import { readFile } from 'node:fs/promises';
import { GradcamError } from '../errors.ts';
import { compositeOnWhite } from '../image/prepare-input.ts';
import type { RgbImage } from '../image/rgb-image.ts';
import type { Mask } from '../localise/mask.ts';
import { addPngText } from './png-text.ts';

/** Largest image decoded, in pixels: 16384 x 16384 takes 805 MB as RGB. */
export const MAX_IMAGE_PIXELS = 2 ** 28;

/**
 * Reads an image file as upright RGB, 8 bits a channel: EXIF orientation applied, alpha composited
 * on white, gray and CMYK converted, 16 bits scaled to 8, ICC profiles ignored.
 *
 * @throws GradcamError `image` for a file that is not an image or too large.
 */
export async function readImage(file: string): Promise<RgbImage> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'error';
    throw new GradcamError('image', `${file}: cannot be read (${code})`, { cause });
  }
  return decodeImage(bytes, file);
}

/** As {@link readImage}, from bytes; `name` is how errors call it. */
export async function decodeImage(bytes: Uint8Array, name = 'image'): Promise<RgbImage> {
  const sharp = await loadSharp();
  if (bytes.byteLength === 0) throw new GradcamError('image', `${name}: the file is empty`);
  try {
    const { data, info } = await sharp(bytes, {
      limitInputPixels: MAX_IMAGE_PIXELS,
      ignoreIcc: true,
    })
      .rotate()
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    // Our own compositing, not libvips's, which cuts where we round: the same pixels as in a browser.
    const channels = info.channels === 4 ? 4 : 3;
    return compositeOnWhite({ width: info.width, height: info.height, channels, data });
  } catch (cause) {
    const reason = (cause as Error).message.split('\n')[0];
    throw new GradcamError('image', `${name}: not an image that can be decoded (${reason})`, {
      cause,
    });
  }
}

/**
 * Encodes an image as PNG, RGB or RGBA.
 *
 * @param texts keyword to text, stored in the file; see {@link addPngText}.
 */
export async function encodePng(
  image: RgbImage,
  texts: Readonly<Record<string, string>> = {},
): Promise<Uint8Array> {
  const sharp = await loadSharp();
  const { width, height, channels, data } = image;
  const raw = { width, height, channels };
  // A photograph halves with filters; a heatmap's smooth colours do better without, and twice as fast.
  // Level 3 takes a tenth more time for one percent less, level 1 is half as large again.
  const options = { compressionLevel: 2, adaptiveFiltering: channels === 3 };
  return addPngText(await sharp(data, { raw }).png(options).toBuffer(), texts);
}

/** Encodes a mask as grey PNG: 255 where it is 1, 0 elsewhere. */
export async function encodeMaskPng(
  { width, height, data }: Mask,
  texts: Readonly<Record<string, string>> = {},
): Promise<Uint8Array> {
  const sharp = await loadSharp();
  const grey = data.map((value) => value * 255);
  const picture = sharp(grey, { raw: { width, height, channels: 1 } }).toColourspace('b-w');
  return addPngText(await picture.png().toBuffer(), texts);
}

async function loadSharp() {
  try {
    return (await import('sharp')).default;
  } catch (cause) {
    throw new GradcamError(
      'engine',
      'image files need the package sharp, which is not installed; run: npm install sharp@0.35.5',
      { cause },
    );
  }
}
