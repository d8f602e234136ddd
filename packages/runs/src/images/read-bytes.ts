import { checkImageHead, MAX_IMAGE_BYTES, readImageFile } from '@gradcam/core/node';
import { stat } from 'node:fs/promises';
import { isWebAddress, MAX_DOWNLOAD_BYTES } from './web-address.ts';

/**
 * The bytes of an image's file, or of what its address sends. A file is read when it is a regular one, within
 * `MAX_IMAGE_BYTES`, and begins like a picture of a kind that is read.
 *
 * @throws GradcamError `image` for whatever is wrong with the file or the download.
 */
export async function readBytes(image: string): Promise<Uint8Array> {
  if (isWebAddress(image)) return (await import('./download-image.ts')).downloadImage(image);
  return readImageFile(image, (head) => checkImageHead(head, image));
}

/** Bytes that {@link readBytes} takes at most; of what cannot be read nothing, and reading it says why. */
export async function measureBytes(image: string): Promise<number> {
  if (isWebAddress(image)) return MAX_DOWNLOAD_BYTES;
  const stats = await stat(image).catch(() => null);
  return stats?.isFile() === true && stats.size <= MAX_IMAGE_BYTES ? stats.size : 0;
}
