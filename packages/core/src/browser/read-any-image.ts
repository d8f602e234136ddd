import { GradcamError } from '../base/errors.ts';
import { describeValue } from '../base/option-names.ts';
import { fetchPicture } from '../image/fetch-picture.ts';
import { checkPixelCount } from '../image/image-limits.ts';
import { readPixelSource, type PixelBuffer } from '../image/pixel-source.ts';
import type { RgbImage } from '../image/rgb-image.ts';
import { readImageBlob, type BlobImage } from './image-blob.ts';

/**
 * Everything that is an image in a browser: a URL, a `Blob` or `File`, the bytes of an encoded picture, an
 * `<img>`, a canvas or `OffscreenCanvas`, an `ImageBitmap`, `ImageData` or other decoded pixels.
 */
export type ImageSource =
  | string
  | URL
  | Blob
  | Uint8Array
  | ArrayBuffer
  | HTMLImageElement
  | HTMLCanvasElement
  | OffscreenCanvas
  | ImageBitmap
  | RgbImage
  | PixelBuffer;

/**
 * Reads an image from any {@link ImageSource}.
 *
 * The file of an `<img>` is fetched again, from the browser's cache, because a canvas would apply its colour
 * profile. Canvases and bitmaps hold colours times their alpha, so the colours of half-clear pixels are
 * rounded there; opaque pixels are the same from every source.
 *
 * @throws GradcamError `argument` for anything else, an `<img>` without a file, and a canvas with pixels of
 *   another origin; `image` as `readImageBlob` does.
 */
export async function readAnyImage(
  source: ImageSource,
  signal?: AbortSignal,
): Promise<RgbImage | BlobImage> {
  if (typeof source === 'string' || source instanceof URL) return readAddress(source, signal);
  if (source instanceof Blob) return readImageBlob(source, nameOf(source));
  if (source instanceof Uint8Array || source instanceof ArrayBuffer) {
    return readImageBlob(new Blob([source as BlobPart]));
  }
  if (isInstance(source, 'HTMLImageElement')) {
    const { currentSrc, src } = source as HTMLImageElement;
    const address = currentSrc || src;
    if (address !== '') return readAddress(address, signal);
    throw new GradcamError('argument', 'image: this <img> has no file; set its src first');
  }
  if (isInstance(source, 'HTMLCanvasElement', 'OffscreenCanvas', 'ImageBitmap')) {
    return readDrawable(source as HTMLCanvasElement | OffscreenCanvas | ImageBitmap);
  }
  const pixels = readPixelSource(source);
  if (pixels !== null) return pixels;
  throw new GradcamError(
    'argument',
    `image: expected a URL, a Blob, the bytes of a picture, an <img>, a canvas, an ImageBitmap or ImageData, got ${describeValue(source)}`,
  );
}

async function readAddress(source: string | URL, signal?: AbortSignal): Promise<BlobImage> {
  const url = new URL(source, globalThis.location?.href);
  const bytes = await fetchPicture(url, signal);
  const name = ['data:', 'blob:'].includes(url.protocol) ? 'image' : url.pathname;
  return readImageBlob(new Blob([bytes as BlobPart]), name);
}

function nameOf(blob: Blob): string {
  return 'name' in blob && typeof blob.name === 'string' ? blob.name : 'image';
}

/** Workers have no elements, so their classes may be missing. */
function isInstance(value: unknown, ...classes: readonly string[]): boolean {
  return classes.some((name) => {
    const found = (globalThis as Record<string, unknown>)[name];
    return typeof found === 'function' && value instanceof found;
  });
}

function readDrawable(drawable: HTMLCanvasElement | OffscreenCanvas | ImageBitmap): RgbImage {
  const { width, height } = drawable;
  checkPixelCount(width, height, 'the canvas');
  if (width < 1 || height < 1) throw new GradcamError('argument', 'image: the canvas is empty');
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  if (context === null) throw new GradcamError('image', `no canvas of ${width}x${height}`);
  try {
    context.drawImage(drawable, 0, 0);
    return { width, height, channels: 4, data: context.getImageData(0, 0, width, height).data };
  } catch (cause) {
    const [reason] = (cause as Error).message.split('\n');
    throw new GradcamError(
      'argument',
      `image: the browser does not let its pixels be read (${reason}); load its pictures with crossOrigin = 'anonymous'`,
      { cause },
    );
  }
}
