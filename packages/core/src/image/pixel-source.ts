import { GradcamError } from '../base/errors.ts';
import { checkImage, type RgbImage } from './rgb-image.ts';

/**
 * Pixels as `ImageData` of a canvas has them, or as raw buffers hold them: rows from the top, RGB or RGBA by
 * the number of bytes.
 */
export interface PixelBuffer {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array | Uint8ClampedArray;
}

/**
 * Takes pixels in memory as an image, without copying them.
 *
 * @returns null for a value that is not pixels.
 * @throws GradcamError `argument` for pixels whose number does not fit their sizes, and for numbers that do
 *   not have 8 bits.
 */
export function readPixelSource(value: unknown): RgbImage | null {
  if (typeof value !== 'object' || value === null) return null;
  if (!('data' in value && 'width' in value && 'height' in value)) return null;
  const { width, height, data } = value as PixelBuffer;
  if (!(data instanceof Uint8Array || data instanceof Uint8ClampedArray)) {
    const name = (data as object | null)?.constructor?.name ?? typeof data;
    throw new GradcamError(
      'argument',
      `image: expected pixels of 8 bits (Uint8Array or Uint8ClampedArray), got ${name}`,
    );
  }
  const stated = (value as Partial<RgbImage>).channels;
  const channels = stated ?? data.length / (width * height);
  if (channels !== 3 && channels !== 4) {
    throw new GradcamError(
      'argument',
      `image: ${width}x${height} pixels need 3 or 4 bytes each, got ${data.length} bytes`,
    );
  }
  const image: RgbImage = { width, height, channels, data };
  try {
    checkImage(image);
  } catch (cause) {
    throw new GradcamError('argument', (cause as Error).message, { cause });
  }
  return image;
}
