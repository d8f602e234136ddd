/**
 * Models over HTTP or from files, and images from files, for browsers.
 *
 * @module
 */
export {
  disposeModels,
  explain,
  overlayImageData,
  overlayPng,
  type ExplainInPageOptions,
} from './explain.ts';
export { readAnyImage, type ImageSource } from './read-any-image.ts';
export { paintOverlay } from '../explain/paint-overlay.ts';
export type { ExplainedPicture, OverlayOptions } from '../explain/paint-overlay.ts';
export type { PixelBuffer } from '../image/pixel-source.ts';
export { openModelUrl } from '../model/model-url.ts';
export { openModelBlobs, type ModelBlob } from './model-blobs.ts';
export { readImageBlob, type BlobImage } from './image-blob.ts';
export { MAX_IMAGE_BYTES, MAX_IMAGE_PIXELS, MAX_IMAGE_SIDE } from '../image/image-limits.ts';
