import { GradcamError } from '../base/errors.ts';

/**
 * Largest image that is decoded or encoded, in pixels: 134 megapixels, above the 108 of telephones and the 100 of
 * most medium-format cameras.
 *
 * A declared size costs its writer a few bytes and its reader real memory: an explanation takes up to 16 bytes a
 * pixel at its peak (decoder, RGB, map, overlay), so about 2 GB here. The command holds the images in work to this
 * many pixels altogether, so that a picture of this size is alone, and any number of them takes no more memory.
 */
export const MAX_IMAGE_PIXELS = 2 ** 27;

/**
 * Largest image file that is read, in bytes (256 MiB): above a 16-bit RGB TIFF of 40 megapixels that is not
 * compressed, and every camera's JPEG.
 */
export const MAX_IMAGE_BYTES = 2 ** 28;

/**
 * Longest side, that of the longest JPEG. Outlines, masks and legends cost by rows and columns as well: a picture of
 * 16 million rows of one pixel took minutes.
 */
export const MAX_IMAGE_SIDE = 65535;

/** @throws GradcamError `image` for more than {@link MAX_IMAGE_PIXELS} or a side above {@link MAX_IMAGE_SIDE}. */
export function checkPixelCount(width: number, height: number, name: string): void {
  if (Math.max(width, height) > MAX_IMAGE_SIDE) {
    throw new GradcamError(
      'image',
      `${name}: ${width} x ${height} has a side above the limit of ${MAX_IMAGE_SIDE} pixels; cut it into parts first`,
    );
  }
  if (width * height <= MAX_IMAGE_PIXELS) return;
  throw new GradcamError(
    'image',
    `${name}: ${width} x ${height} are ${formatMegapixels(width * height)} megapixels, more than the limit of ` +
      `${formatMegapixels(MAX_IMAGE_PIXELS)}; make the picture smaller first`,
  );
}

/** @throws GradcamError `image` for more than {@link MAX_IMAGE_BYTES}. */
export function checkByteCount(bytes: number, name: string): void {
  if (bytes <= MAX_IMAGE_BYTES) return;
  throw new GradcamError(
    'image',
    `${name}: a file of ${formatMegabytes(bytes)} MB, more than the limit of ${formatMegabytes(MAX_IMAGE_BYTES)} ` +
      'for images; make the picture smaller, or store it compressed',
  );
}

function formatMegapixels(pixels: number): string {
  return (pixels / 1e6).toFixed(1);
}

function formatMegabytes(bytes: number): string {
  return Math.ceil(bytes / 2 ** 20).toString();
}
