import { isGradcamError } from '@gradcam/core';
import { existsSync } from 'node:fs';
import { RunError } from '../run-error.ts';
import { readBytes } from './read-bytes.ts';
import { isWebAddress } from './web-address.ts';

/**
 * The bytes of an image that a target names.
 *
 * @throws RunError naming the target: `not-found` for an image that is not there, `data` for what is none.
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
