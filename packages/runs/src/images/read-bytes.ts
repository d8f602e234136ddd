import { checkImageHead, MAX_IMAGE_BYTES, readImageFile } from '@gradcam/core/node';
import { stat } from 'node:fs/promises';
import { isWebAddress, MAX_DOWNLOAD_BYTES } from './web-address.ts';

/**
 * The bytes of an image, from a file or a web address. A file must be a regular file of at most
 * `MAX_IMAGE_BYTES` and begin like a picture of a supported kind.
 *
 * @param image path or web address.
 * @throws GradcamError `image` for any fault of the file or the download.
 */
export async function readBytes(image: string): Promise<Uint8Array> {
  if (isWebAddress(image)) return (await import('./download-image.ts')).downloadImage(image);
  return readImageFile(image, (head) => checkImageHead(head, image));
}

/**
 * The most bytes that {@link readBytes} will hold; 0 for a file that cannot be read, which reading then
 * reports.
 */
export async function measureBytes(image: string): Promise<number> {
  if (isWebAddress(image)) return MAX_DOWNLOAD_BYTES;
  const stats = await stat(image).catch(() => null);
  return stats?.isFile() === true && stats.size <= MAX_IMAGE_BYTES ? stats.size : 0;
}
