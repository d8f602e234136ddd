/**
 * Models over HTTP and images from files, for browsers.
 *
 * @module
 */
export { openModelUrl } from '../model/model-url.ts';
export { readImageBlob } from './image-blob.ts';
