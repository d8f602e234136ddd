import { GradcamError, isGradcamError } from '@gradcam/core';
import type { ImageReader } from '@gradcam/runs';
import { isFleetError } from './fleet-error.ts';
import type { JobImage } from './job-list.ts';
import type { SharedRoot } from './shared-root.ts';

/**
 * Reads the images of a job by their names in the results. Their errors name the images in the same way, and
 * not by their paths on this machine.
 */
export function readImagesOf(
  byName: ReadonlyMap<string, JobImage>,
  root: SharedRoot,
  read: ImageReader,
): ImageReader {
  return async (image) => {
    const { file = image } = byName.get(image)!;
    let place = file;
    try {
      place = await root.resolve(file);
      return await read(place);
    } catch (error) {
      if (isFleetError(error)) throw new GradcamError('image', error.message, { cause: error });
      if (!isGradcamError(error)) throw error;
      const message = error.message.replaceAll(place, image);
      throw new GradcamError(error.kind, message, { cause: error });
    }
  };
}
