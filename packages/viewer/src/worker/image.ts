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
  const image = await readImageBlob(blob, name);
  return { image, decoded: await describeDecoded(image) };
}

/** Makes the copy of an image that the page shows. */
export async function describeDecoded(image: RgbImage): Promise<DecodedImage> {
  const { width, height } = image;
  return { width, height, preview: await shrink(image) };
}

/** Writes an image as a PNG file. An image without alpha keeps every value. */
export async function encodePng(image: RgbImage): Promise<Blob> {
  const { width, height } = image;
  const canvas = new OffscreenCanvas(width, height);
  contextOf(canvas).putImageData(new ImageData(toRgba(image), width, height), 0, 0);
  return canvas.convertToBlob({ type: 'image/png' });
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
  const context = contextOf(new OffscreenCanvas(size.width, size.height));
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const { data } = context.getImageData(0, 0, size.width, size.height);
  return { ...size, data: new Uint8ClampedArray(data) };
}

function contextOf(canvas: OffscreenCanvas): OffscreenCanvasRenderingContext2D {
  const context = canvas.getContext('2d');
  if (context === null) throw new GradcamError('image', 'this browser provides no 2d canvas');
  return context;
}

function toRgba({ width, height, channels, data }: RgbImage): Uint8ClampedArray<ArrayBuffer> {
  const rgba = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let i = 0, from = 0; i < rgba.length; i += 4, from += channels) {
    for (let c = 0; c < 3; c++) rgba[i + c] = data[from + c]!;
  }
  return rgba;
}
