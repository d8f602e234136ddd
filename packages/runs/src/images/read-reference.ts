import { isGradcamError } from '@gradcam/core';
import { existsSync } from 'node:fs';
import { RunError } from '../run-error.ts';
import { readBytes } from './read-bytes.ts';
import { isWebAddress } from './web-address.ts';

/**
 * The bytes of an image that a target names.
 *
 * @throws RunError that names the target: `not-found` where the image does not exist, `data` where it is not
 *   an image.
 */
export async function readReference(image: string): Promise<Uint8Array> {
  try {
    return await readBytes(image);
  } catch (error) {
    if (!isGradcamError(error, 'image')) throw error;
    const isThere = isWebAddress(image) || existsSync(image);
    throw new RunError(
      isThere ? 'data' : 'not-found',
      `--target similar:${image}: ${error.message}`,
      { cause: error },
    );
  }
}
