import type { RgbImage } from '@gradcam/core';

/** Above this, files grow faster than what an eye sees improves. */
const QUALITY = 90;

/**
 * Encodes an image as WebP, with losses.
 *
 * @param texts facts by their names; the file has them as its EXIF description, one in a line.
 */
export async function encodeWebp(
  { width, height, channels, data }: RgbImage,
  texts: Readonly<Record<string, string>> = {},
): Promise<Uint8Array> {
  const { default: sharp } = await import('sharp');
  const facts = Object.entries(texts).map(([name, text]) => `${name}: ${text}`);
  return sharp(data, { raw: { width, height, channels } })
    .webp({ quality: QUALITY, effort: 2 })
    .withExif({ IFD0: { ImageDescription: facts.join('\n') } })
    .toBuffer();
}
