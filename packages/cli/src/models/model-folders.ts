import { isGradcamError } from '@gradcam/core';
import { findModelJson, findOnnxPath } from '@gradcam/core/node';
import { homedir } from 'node:os';
import path from 'node:path';

/** Folders in which models are looked for, in this order; the first that has the model wins. */
export function listModelFolders(given: string | undefined): string[] {
  const cache = process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache');
  const folders = [
    given,
    process.env['GRADCAM_MODELS'],
    'models',
    path.join(cache, 'gradcam', 'models'),
  ];
  return folders.filter((folder) => folder !== undefined && folder !== '') as string[];
}

/** Whether a folder holds one tfjs model, or a path is that of a model's JSON. */
export function isModelFolder(folder: string): boolean {
  try {
    return findModelJson(folder) !== null;
  } catch (error) {
    if (isGradcamError(error)) return false;
    throw error;
  }
}

/** Whether a path is a model that the command opens as it is: of tfjs, or an ONNX file. */
export function isModelPlace(place: string): boolean {
  if (isModelFolder(place)) return true;
  try {
    return findOnnxPath(place) !== null;
  } catch (error) {
    // Several ONNX files in one folder.
    if (isGradcamError(error)) return false;
    throw error;
  }
}
