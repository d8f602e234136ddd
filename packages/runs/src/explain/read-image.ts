import { prepareInput, type InputDescription, type PreparedInput } from '@gradcam/core';
import {
  decodeImage,
  MAX_IMAGE_BYTES,
  MAX_IMAGE_PIXELS,
  type DecodedImage,
} from '@gradcam/core/node';
import { createHash } from 'node:crypto';
import { measureBytes, readBytes } from '../images/read-bytes.ts';
import { createBudget, type Budget } from './budget.ts';

/** An image of the run, decoded and prepared for the model. */
export interface ReadImage {
  /** Hex sha256 of the image's file. */
  readonly sha256: string;
  readonly image: DecodedImage;
  /**
   * Returns an input for the model. Each request consumes one. The first input is ready; every later call
   * makes a new one.
   */
  prepare(): PreparedInput;
  /** The caller must call this when nothing needs the image or its inputs any more. */
  release(): void;
}

/** Reads one image; throws what {@link readBytes} and `decodeImage` throw. */
export type ImageReader = (source: string) => Promise<ReadImage>;

/**
 * Creates a reader of images. It begins with the first image at once, while the model is being opened; a
 * fault of that image is thrown when the image is asked for.
 *
 * Images that are read at the same time together hold no more than one image at the limit: in bytes while
 * files are read, and in pixels until {@link ReadImage.release}. Small images are read at the same time,
 * and a huge one is read alone.
 *
 * @param first path or address of the image to begin with; undefined for none.
 * @param window numbers that are shown as 0 and 255; by default the type of each picture's numbers decides.
 * @param most bytes and pixels that images may hold together.
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
    // No deadlock: a task that waits for pixels has its bytes, and a task that has pixels waits for nothing.
    const releaseBytes = await bytes.take(await measureBytes(source));
    try {
      return await prepareImage(await readBytes(source), source, input, { window, pixels });
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

/** How {@link prepareImage} decodes. */
export interface PrepareOptions {
  /** Numbers that are shown as 0 and 255; by default the type of the picture's numbers decides. */
  readonly window?: readonly [from: number, to: number] | undefined;
  /** Pixels that all images may hold together. */
  readonly pixels: Budget;
  /** Called with the size that the file declares, before the pixels are decoded; may throw. */
  readonly check?: (size: { readonly width: number; readonly height: number }) => void;
}

/**
 * Decodes the bytes of an image and prepares it for a model.
 *
 * @param name how errors call the image.
 * @throws what `decodeImage` and `check` throw.
 */
export async function prepareImage(
  file: Uint8Array,
  name: string,
  input: InputDescription,
  { window, pixels, check }: PrepareOptions,
): Promise<ReadImage> {
  let release = (): void => {};
  try {
    const sha256 = createHash('sha256').update(file).digest('hex');
    const image = await decodeImage(file, name, {
      window,
      async admit({ width, height }) {
        check?.({ width, height });
        release = await pixels.take(width * height);
      },
    });
    let prepared: PreparedInput | null = prepareInput(image, input);
    const prepare = (): PreparedInput => {
      const ready = prepared ?? prepareInput(image, input);
      prepared = null;
      return ready;
    };
    return { sha256, image, prepare, release };
  } catch (error) {
    release();
    throw error;
  }
}
