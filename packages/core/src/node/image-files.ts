import { GradcamError } from '../base/errors.ts';
import { checkPixelCount, MAX_IMAGE_PIXELS } from '../image/image-limits.ts';
import { checkPictureKind } from '../image/picture-kind.ts';
import type { RgbImage } from '../image/rgb-image.ts';
import type { Mask } from '../image/localise/mask.ts';
import { decodePixels, type DecodedImage } from './decode-pixels.ts';
import { readImageHeader, undecodable, type ImageHeader } from './image-header.ts';
import { loadSharp } from './load-sharp.ts';
import { addPngText } from './png-text.ts';
import { readImageFile } from './regular-file.ts';

export type { DecodedImage } from './decode-pixels.ts';

/**
 * Reads an image file as upright RGB, 8 bits a channel: EXIF orientation applied, alpha composited
 * on white, gray and CMYK converted, ICC profiles not applied; 16 bits become 8 by their upper half, other numbers by a
 * window of them; of several pages or frames the first. `notes` tells what of this was a choice.
 *
 * @throws GradcamError `image` for what is not a regular file, not an image, or above `MAX_IMAGE_BYTES` or
 *   `MAX_IMAGE_PIXELS`.
 */
export async function readImage(file: string, options?: DecodeOptions): Promise<DecodedImage> {
  return decodeImage(
    await readImageFile(file, (head) => checkImageHead(head, file)),
    file,
    options,
  );
}

export interface DecodeOptions {
  /** Awaited when the header is known and before pixels take memory, so that a program can wait until it has some. */
  readonly admit?: (header: ImageHeader) => Promise<void>;
  /** Numbers of the file that are shown as 0 and as 255; by default by their type, see {@link decodeSamples}. */
  readonly window?: readonly [from: number, to: number];
}

/** As {@link readImage}, from bytes; `name` is how errors call it. */
export async function decodeImage(
  bytes: Uint8Array,
  name = 'image',
  { admit, window }: DecodeOptions = {},
): Promise<DecodedImage> {
  const header = await readImageHeader(bytes, name);
  await admit?.(header);
  try {
    return await decodePixels(bytes, header, name, window);
  } catch (cause) {
    if (cause instanceof GradcamError) throw cause;
    throw undecodable(name, cause, bytes);
  }
}

/**
 * Refuses a file by its beginning, before the rest is read; an empty one is left to the decoder.
 *
 * @throws GradcamError `image` for a kind that is not read.
 */
export function checkImageHead(head: Uint8Array, name: string): void {
  if (head.byteLength > 0) checkPictureKind(head, name);
}

/**
 * Encodes an image as PNG, RGB or RGBA.
 *
 * @param texts keyword to text, stored in the file; see {@link addPngText}.
 * @throws GradcamError `image` above `MAX_IMAGE_PIXELS`, the limit of what is decoded.
 */
export async function encodePng(
  image: RgbImage,
  texts: Readonly<Record<string, string>> = {},
): Promise<Uint8Array> {
  const sharp = await loadSharp();
  const { width, height, channels, data } = image;
  checkPixelCount(width, height, 'a picture to encode');
  const raw = { width, height, channels };
  // A photograph halves with filters; a heatmap's smooth colours do better without, and twice as fast.
  // Level 3 takes a tenth more time for one percent less, level 1 is half as large again.
  const options = { compressionLevel: 2, adaptiveFiltering: channels === 3 };
  const limit = { limitInputPixels: MAX_IMAGE_PIXELS };
  return addPngText(
    await sharp(data, { raw, ...limit })
      .png(options)
      .toBuffer(),
    texts,
  );
}

/** Encodes a mask as grey PNG: 255 where it is 1, 0 elsewhere; throws as {@link encodePng}. */
export async function encodeMaskPng(
  { width, height, data }: Mask,
  texts: Readonly<Record<string, string>> = {},
): Promise<Uint8Array> {
  const sharp = await loadSharp();
  checkPixelCount(width, height, 'a mask to encode');
  const grey = data.map((value) => value * 255);
  const raw = { width, height, channels: 1 } as const;
  const picture = sharp(grey, { raw, limitInputPixels: MAX_IMAGE_PIXELS }).toColourspace('b-w');
  return addPngText(await picture.png().toBuffer(), texts);
}
