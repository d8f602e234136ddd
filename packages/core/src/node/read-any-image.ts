import { fileURLToPath } from 'node:url';
import { GradcamError } from '../base/errors.ts';
import { describeValue } from '../base/option-names.ts';
import { fetchPicture } from '../image/fetch-picture.ts';
import { checkByteCount } from '../image/image-limits.ts';
import { readPixelSource, type PixelBuffer } from '../image/pixel-source.ts';
import type { RgbImage } from '../image/rgb-image.ts';
import type { DecodedImage } from './decode-pixels.ts';
import { decodeImage, readImage } from './image-files.ts';

/**
 * Everything that is an image in Node: the path of a file, a `file:`, `http:`, `https:` or `data:` URL, the
 * bytes of an encoded picture (`Buffer`, `Blob`, `File`), or decoded pixels, as `ImageData` has them.
 */
export type ImageSource = string | URL | Uint8Array | ArrayBuffer | Blob | RgbImage | PixelBuffer;

/**
 * Reads an image from any {@link ImageSource}. The same picture has the same pixels, whichever way it comes.
 *
 * ```ts
 * const image = await readAnyImage(await readFile('cat.jpg'));
 * ```
 *
 * @throws GradcamError `argument` for anything else, and `image` as {@link readImage} does.
 */
export async function readAnyImage(
  source: ImageSource,
  signal?: AbortSignal,
): Promise<RgbImage | DecodedImage> {
  if (typeof source === 'string' || source instanceof URL) return readAddress(source, signal);
  if (source instanceof Uint8Array) return decodeImage(source);
  if (source instanceof ArrayBuffer) return decodeImage(new Uint8Array(source));
  if (source instanceof Blob) {
    const name = 'name' in source && typeof source.name === 'string' ? source.name : 'image';
    checkByteCount(source.size, name);
    return decodeImage(new Uint8Array(await source.arrayBuffer()), name);
  }
  const pixels = readPixelSource(source);
  if (pixels !== null) return pixels;
  throw new GradcamError(
    'argument',
    `image: expected a path, a URL, the bytes of a picture, a Blob or pixels { width, height, data }, got ${describeValue(source)}`,
  );
}

async function readAddress(source: string | URL, signal?: AbortSignal): Promise<DecodedImage> {
  if (typeof source === 'string' && !/^(https?|file|data):/i.test(source)) return readImage(source);
  const url = new URL(source);
  if (url.protocol === 'file:') return readImage(fileURLToPath(url));
  if (!['http:', 'https:', 'data:'].includes(url.protocol)) {
    throw new GradcamError(
      'argument',
      `image: expected a URL of http, https, file or data, got ${url.protocol}`,
    );
  }
  const name = url.protocol === 'data:' ? 'image' : `${url.origin}${url.pathname}`;
  return decodeImage(await fetchPicture(url, signal), name);
}
