import { GradcamError } from '../errors.ts';
import { checkByteCount, checkPixelCount } from '../image/image-limits.ts';
import { checkPictureKind } from '../image/picture-kind.ts';
import type { RgbImage } from '../image/rgb-image.ts';
import { readDeclaredSize } from './declared-size.ts';

/** What browsers decode; SVG, which has no pixels of its own, is not among them. */
const kinds = ['PNG', 'JPEG', 'WebP', 'GIF', 'AVIF', 'BMP'];

/**
 * Decodes an image that was dropped, pasted or fetched: upright, with its alpha, colours as stored. Its kind is told
 * by its first bytes and its size by its header, before anything is decoded.
 *
 * @throws GradcamError `image` for a blob of another kind, one that cannot be decoded, and one above
 *   `MAX_IMAGE_BYTES` or `MAX_IMAGE_PIXELS`, the limits of Node too.
 */
export async function readImageBlob(blob: Blob, name = 'image'): Promise<RgbImage> {
  if (blob.size === 0) throw new GradcamError('image', `${name}: the file is empty`);
  checkByteCount(blob.size, name);
  const bytes = new Uint8Array(await blob.arrayBuffer());
  const kind = checkPictureKind(bytes, name, kinds);
  const declared = readDeclaredSize(bytes, kind);
  if (declared === null) {
    throw new GradcamError(
      'image',
      `${name}: not an image that can be decoded (no size in its header)`,
    );
  }
  checkPixelCount(declared.width, declared.height, name);
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
