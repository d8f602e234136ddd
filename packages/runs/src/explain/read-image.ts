import { prepareInput, type InputDescription, type PreparedInput } from '@gradcam/core';
import {
  decodeImage,
  MAX_IMAGE_BYTES,
  MAX_IMAGE_PIXELS,
  type DecodedImage,
} from '@gradcam/core/node';
import { createHash } from 'node:crypto';
import { measureBytes, readBytes } from '../images/read-bytes.ts';
import { createBudget } from './budget.ts';

/** An image of the run, and what the model gets of it. */
export interface ReadImage {
  /** Of its file, in hex. */
  readonly sha256: string;
  readonly image: DecodedImage;
  /** The first time what was made when the image was read; it is handed over with each question. */
  prepare(): PreparedInput;
  /** To be called when the image and all that was made of it are of no more use. */
  release(): void;
}

/** Reads one image; failures are those of {@link readBytes} and of `decodeImage`. */
export type ImageReader = (source: string) => Promise<ReadImage>;

/**
 * Reads images, the first of them at once: while the model is opened there is nothing else to do. Whatever
 * is wrong with it is told when it is asked for.
 *
 * What is in work at once is held to the size of one image at the limit, in bytes while files are read and in pixels
 * until {@link ReadImage.release}: small images go side by side, one at the limit is alone.
 *
 * @param window numbers that are shown as 0 and 255; by default by the type of each picture's numbers.
 * @param most what images take together.
 */
export function createImageReader(
  first: string | undefined,
  input: InputDescription,
  window?: readonly [from: number, to: number],
  most = { bytes: MAX_IMAGE_BYTES, pixels: MAX_IMAGE_PIXELS },
): ImageReader {
  const bytes = createBudget(most.bytes);
  const pixels = createBudget(most.pixels);

  const read = async (source: string): Promise<ReadImage> => {
    // Whoever waits for pixels has its bytes, and whoever has pixels waits for nothing: one of them always goes on.
    const releaseBytes = await bytes.take(await measureBytes(source));
    let releasePixels = (): void => {};
    try {
      const file = await readBytes(source);
      const sha256 = createHash('sha256').update(file).digest('hex');
      const image = await decodeImage(file, source, {
        ...(window === undefined ? {} : { window }),
        async admit({ width, height }) {
          releasePixels = await pixels.take(width * height);
        },
      });
      let prepared: PreparedInput | null = prepareInput(image, input);
      const prepare = (): PreparedInput => {
        const ready = prepared ?? prepareInput(image, input);
        prepared = null;
        return ready;
      };
      return { sha256, image, prepare, release: releasePixels };
    } catch (error) {
      releasePixels();
      throw error;
    } finally {
      releaseBytes();
    }
  };

  let ahead = first === undefined ? null : read(first);
  ahead?.catch(() => {});
  return (source) => {
    const known = source === first ? ahead : null;
    if (known !== null) ahead = null;
    return known ?? read(source);
  };
}
