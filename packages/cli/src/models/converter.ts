/**
 * The parts of the converter that most commands do not need: imported when a model is converted or
 * downloaded, and then only. They are a fifth of the program that `gradcam explain` would load otherwise.
 */
export { convertModel, discardDownload, downloadFile } from '@gradcam/converter/node';
