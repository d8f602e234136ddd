import { compositeOnWhite, GradcamError, type RgbImage } from '@gradcam/core';
import { readImageBlob, type BlobImage } from '@gradcam/core/browser';
import type { Pixels } from '../map/paint.ts';
import type { DecodedImage } from './protocol.ts';

/**
 * Longest side at which an image is drawn, in pixels. No screen shows more of a map, and sliders stay
 * smooth.
 */
export const PREVIEW_SIDE = 1200;

/**
 * Decodes an image for the model, and makes a small copy for the page.
 *
 * @throws GradcamError `image` for a file that is not an image, or for one that is too large.
 */
export async function decodeForModel(
  blob: Blob,
  name: string,
): Promise<{ image: BlobImage; decoded: DecodedImage }> {
  const stored = await readImageBlob(blob, name);
  const { width, height } = stored;
  return { image: stored, decoded: { width, height, preview: await shrink(stored) } };
}

async function shrink(image: RgbImage): Promise<Pixels> {
  const { width, height } = image;
  const scale = Math.min(1, PREVIEW_SIDE / Math.max(width, height));
  const size = {
    width: Math.max(1, Math.round(width * scale)),
    height: Math.max(1, Math.round(height * scale)),
  };
  const opaque = toRgba(compositeOnWhite(image));
  if (scale === 1) return { width, height, data: opaque };
  const bitmap = await createImageBitmap(new ImageData(opaque, width, height), {
    resizeWidth: size.width,
    resizeHeight: size.height,
    resizeQuality: 'high',
  });
  const context = new OffscreenCanvas(size.width, size.height).getContext('2d');
  if (context === null) throw new GradcamError('image', 'this browser provides no 2d canvas');
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const { data } = context.getImageData(0, 0, size.width, size.height);
  return { ...size, data: new Uint8ClampedArray(data) };
}

function toRgba({ width, height, channels, data }: RgbImage): Uint8ClampedArray<ArrayBuffer> {
  const rgba = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let i = 0, from = 0; i < rgba.length; i += 4, from += channels) {
    for (let c = 0; c < 3; c++) rgba[i + c] = data[from + c]!;
  }
  return rgba;
}
