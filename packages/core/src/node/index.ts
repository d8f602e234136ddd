/**
 * Model folders and image files, for Node. Images need the optional peer `sharp`.
 *
 * @module
 */
export { openModelFolder } from './model-folder.ts';
export {
  decodeImage,
  encodeMaskPng,
  encodePng,
  MAX_IMAGE_PIXELS,
  readImage,
} from './image-files.ts';
export { createGraphStore, type GraphStoreOptions } from './graph-store.ts';
export { createScratchFolder } from './scratch-folder.ts';
export { removeAbandoned, temporaryName } from './temporary-name.ts';
export { addPngText } from './png-text.ts';
export { encodeNpy } from './npy.ts';
export { loadTfjsNode, type TfjsNodeOptions } from './tfjs-node.ts';
