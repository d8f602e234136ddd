/** Whether an image is given by its address, not by its file. */
export function isWebAddress(image: string): boolean {
  return /^https?:\/\//i.test(image);
}
