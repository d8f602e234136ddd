/**
 * The converter on files and downloads.
 *
 * @example
 * ```ts
 * import { convertModel } from '@gradcam/converter/node';
 *
 * await convertModel({
 *   source: 'demo/weights/demo-resnet.tar.gz',
 *   architecture: 'demo-resnet',
 *   out: 'models/demo-resnet',
 * });
 * ```
 *
 * @module
 */
export {
  convertModel,
  type ConvertModelOptions,
  type ConvertProgress,
  type ConvertResult,
} from './convert-model.ts';
export type { ModelPreview } from '../artifact/convert-keras.ts';
export { openFileFolder, openFileSource, type FileFolder, type FileSource } from './file-source.ts';
export {
  inspectSource,
  type InspectedTensor,
  type InspectOptions,
  type SourceInspection,
} from './inspect-source.ts';
export { identifyModelPath } from './identify-model.ts';
export { isKerasPath } from './identify-keras.ts';
export { identifyTensorFlow } from './identify-graph.ts';
export { isTorchPath } from './identify-torch.ts';
export { acquireLock, type Lock } from './lock.ts';
export { withDirectoryLock } from './output-directory.ts';
export { replaceFile } from './replace-file.ts';
export { createScratchFolder, removeDeadFolders, type ScratchFolder } from './scratch-folder.ts';
export { listSourceFiles, openSource, type OpenWeightFile } from './open-source.ts';
export {
  fetchAndConvert,
  type FetchAndConvertOptions,
  type FetchProgress,
} from './fetch-and-convert.ts';
export {
  discardDownload,
  downloadFile,
  type DownloadedFile,
  type DownloadOptions,
} from './download.ts';
export type { TransferProgress } from './transfer.ts';
export { findCacheDirectory } from './cache-directory.ts';
