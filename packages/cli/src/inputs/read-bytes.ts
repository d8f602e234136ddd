import { readFile } from 'node:fs/promises';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { isWebAddress } from './web-address.ts';

/**
 * The bytes of an image's file, or of what its address sends.
 *
 * @throws CommandError 66 for a file that cannot be read; GradcamError `image` for a failed download.
 */
export async function readBytes(image: string): Promise<Uint8Array> {
  if (isWebAddress(image)) return (await import('./download-image.ts')).downloadImage(image);
  return readFile(image).catch((cause: NodeJS.ErrnoException) => {
    throw new CommandError(exitCodes.noInput, `${image}: cannot be read (${cause.code})`, {
      cause,
    });
  });
}
