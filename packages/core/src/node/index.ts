/**
 * Model folders and image files, for Node. Images need the optional peer `sharp`.
 *
 * @module
 */
export { disposeModels, explain, overlayPng, type ExplainFileOptions } from './explain.ts';
export { findModelPath } from './find-model.ts';
export { readAnyImage, type ImageSource } from './read-any-image.ts';
export { paintOverlay } from '../explain/paint-overlay.ts';
export type { ExplainedPicture, OverlayOptions } from '../explain/paint-overlay.ts';
export type { PixelBuffer } from '../image/pixel-source.ts';
export { openModelFolder } from './model-folder.ts';
export { findModelJson } from './model-json-file.ts';
export { findOnnxPath } from './onnx-path.ts';
export { openOnnxFile } from './open-onnx-file.ts';
export { createProofStore } from './proof-store.ts';
export {
  checkImageHead,
  decodeImage,
  encodeMaskPng,
  encodePng,
  readImage,
  type DecodedImage,
  type DecodeOptions,
} from './image-files.ts';
export { readImageHeader, sharpInput, type ImageHeader } from './image-header.ts';
export {
  hashImageFile,
  hashOpenFile,
  openRegularFile,
  readImageFile,
  readPart,
  type OpenFile,
} from './regular-file.ts';
export { MAX_IMAGE_BYTES, MAX_IMAGE_PIXELS, MAX_IMAGE_SIDE } from '../image/image-limits.ts';
export { KIND_BYTES, readableKinds, readPictureKind } from '../image/picture-kind.ts';
export { createGraphStore, type GraphStoreOptions } from './graph-store.ts';
export { createScratchFolder } from './scratch-folder.ts';
export { removeAbandoned, temporaryName } from './temporary-name.ts';
export { addPngText } from './png-text.ts';
export { encodeNpy } from './npy.ts';
export { findOnnxRuntime, loadOnnxRuntime, type FoundOnnxRuntime } from './onnx-runtime.ts';
export { loadTfjsNode, type TfjsNodeOptions } from './tfjs-node.ts';
export type { SampleType } from '../run/sample-scale.ts';
export type { SampleScale } from '../run/sample-scale.ts';
