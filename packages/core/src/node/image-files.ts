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
 * Reads an image file as upright RGB with 8 bits for each channel. EXIF orientation is applied, alpha is
 * composited on white, gray and CMYK are converted, and ICC profiles are not applied. Numbers of 16 bits
 * keep their upper 8 bits, other numbers are scaled from a window, and only the first page or frame is
 * read. `notes` lists the choices that were made.
 *
 * @throws GradcamError `image` for anything but a regular file with an image, and above `MAX_IMAGE_BYTES` or
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
  /**
   * This function is awaited after the header is read and before memory is allocated for the pixels, so
   * that a program can wait for free memory.
   */
  readonly admit?: (header: ImageHeader) => Promise<void>;
  /**
   * The file's numbers that become 0 and 255; the default depends on their type, see {@link decodeSamples}.
   */
  readonly window?: readonly [from: number, to: number];
}

/** As {@link readImage}, from bytes. Errors call the image `name`. */
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
 * Refuses a file by its first bytes, before the rest is read. An empty file is left to the decoder.
 *
 * @throws GradcamError `image` for a kind that is not read.
 */
export function checkImageHead(head: Uint8Array, name: string): void {
  if (head.byteLength > 0) checkPictureKind(head, name);
}

/**
 * Encodes an image as PNG, RGB or RGBA.
 *
 * @param texts texts to store in the file, by keyword; see {@link addPngText}.
 * @throws GradcamError `image` above `MAX_IMAGE_PIXELS`, which is also the limit for decoding.
 */
export async function encodePng(
  image: RgbImage,
  texts: Readonly<Record<string, string>> = {},
): Promise<Uint8Array> {
  const sharp = await loadSharp();
  const { width, height, channels, data } = image;
  checkPixelCount(width, height, 'a picture to encode');
  const raw = { width, height, channels };
  // Filters halve a photograph. A heatmap's smooth colours are smaller without them, and twice as fast to
  // encode. Level 3 takes a tenth more time and saves one percent; level 1 makes files half as large again.
  const options = { compressionLevel: 2, adaptiveFiltering: channels === 3 };
  const limit = { limitInputPixels: MAX_IMAGE_PIXELS };
  return addPngText(
    await sharp(data, { raw, ...limit })
      .png(options)
      .toBuffer(),
    texts,
  );
}

/**
 * Encodes a mask as a gray PNG, with 255 where the mask is 1 and 0 elsewhere. It throws as {@link encodePng}.
 */
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
