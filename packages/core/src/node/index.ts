/**
 * Model folders and image files, for Node. Images need the optional peer `sharp`.
 *
 * @module
 */
export { openModelFolder } from './model-folder.ts';
export { readImage, decodeImage, encodePng } from './image-files.ts';
export { encodeNpy } from './npy.ts';
