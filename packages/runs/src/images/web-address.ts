/** Whether an image is given by its address, not by its file. */
export function isWebAddress(image: string): boolean {
  return /^https?:\/\//i.test(image);
}

/** The largest image file that is downloaded: above the largest camera JPEGs, TIFFs of 20 megapixels. */
export const MAX_DOWNLOAD_BYTES = 64 * 2 ** 20;
