/** Whether an image is given by a web address and not by a path. */
export function isWebAddress(image: string): boolean {
  return /^https?:\/\//i.test(image);
}

/** The largest image that is downloaded: larger than JPEGs of any camera, and than TIFFs of 20 megapixels. */
export const MAX_DOWNLOAD_BYTES = 64 * 2 ** 20;
