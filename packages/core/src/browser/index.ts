/**
 * Models over HTTP and images from files, for browsers.
 *
 * @module
 */
export { openModelUrl } from '../model/model-url.ts';
export { readImageBlob, type BlobImage } from './image-blob.ts';
export { MAX_IMAGE_BYTES, MAX_IMAGE_PIXELS, MAX_IMAGE_SIDE } from '../image/image-limits.ts';
