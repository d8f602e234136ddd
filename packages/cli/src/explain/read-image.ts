import {
  prepareInput,
  type InputDescription,
  type PreparedInput,
  type RgbImage,
} from '@gradcam/core';
import { decodeImage } from '@gradcam/core/node';
import { readBytes } from '../inputs/read-bytes.ts';

/** An image of the run, and what the model gets of it. */
export interface ReadImage {
  readonly bytes: Uint8Array;
  readonly image: RgbImage;
  /** The first time what was made when the image was read; it is handed over with each question. */
  prepare(): PreparedInput;
}

/** Reads one image; failures are those of {@link readBytes} and of `decodeImage`. */
export type ImageReader = (source: string) => Promise<ReadImage>;

/**
 * Reads images, the first of them at once: while the model is opened there is nothing else to do. Whatever
 * is wrong with it is told when it is asked for.
 */
export function createImageReader(first: string | undefined, input: InputDescription): ImageReader {
  let ahead = first === undefined ? null : readImage(first, input);
  ahead?.catch(() => {});
  return (source) => {
    const known = source === first ? ahead : null;
    if (known !== null) ahead = null;
    return known ?? readImage(source, input);
  };
}

async function readImage(source: string, input: InputDescription): Promise<ReadImage> {
  const bytes = await readBytes(source);
  const image = await decodeImage(bytes, source);
  let prepared: PreparedInput | null = prepareInput(image, input);
  return {
    bytes,
    image,
    prepare() {
      const ready = prepared ?? prepareInput(image, input);
      prepared = null;
      return ready;
    },
  };
}
