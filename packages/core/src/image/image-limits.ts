import { GradcamError } from '../base/errors.ts';

/**
 * Largest image that is decoded or encoded, in pixels: 134 megapixels. Phones have up to 108 and most
 * medium-format cameras 100.
 *
 * A file can declare any size in a few bytes, but its reader needs real memory. An explanation takes up to
 * 16 bytes for each pixel at its peak (decoder, RGB, map, overlay), so about 2 GB at this limit. The
 * command works on images of at most this many pixels together, so many large images need no more memory
 * than one.
 */
export const MAX_IMAGE_PIXELS = 2 ** 27;

/**
 * Largest image file that is read, in bytes: 256 MiB. An uncompressed 16-bit RGB TIFF of 40 megapixels is
 * smaller, and so is every camera's JPEG.
 */
export const MAX_IMAGE_BYTES = 2 ** 28;

/**
 * Longest side of an image, in pixels; a JPEG cannot be longer. The time for outlines, masks and legends also
 * grows with the number of rows and columns: an image of 16 million rows of one pixel took minutes.
 */
export const MAX_IMAGE_SIDE = 65535;

/**
 * @throws GradcamError `image` for more than {@link MAX_IMAGE_PIXELS} or a side above {@link MAX_IMAGE_SIDE}.
 */
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
