import { GradcamError } from '../errors.ts';
import type { RgbImage } from '../image/rgb-image.ts';

/**
 * Decodes an image that was dropped, pasted or fetched: upright, with its alpha, colours as stored.
 *
 * @throws GradcamError `image` for a blob that is not an image.
 */
export async function readImageBlob(blob: Blob, name = 'image'): Promise<RgbImage> {
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(blob, {
      imageOrientation: 'from-image',
      premultiplyAlpha: 'none',
      colorSpaceConversion: 'none',
    });
  } catch (cause) {
    throw new GradcamError('image', `${name}: not an image that can be decoded`, { cause });
  }
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  if (context === null) throw new GradcamError('image', `${name}: no canvas of ${width}x${height}`);
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const { data } = context.getImageData(0, 0, width, height);
  return { width, height, channels: 4, data };
}
