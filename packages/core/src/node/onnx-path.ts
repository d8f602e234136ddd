import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { chooseOnnxName, HUGGING_FACE } from '../readers/choose-model-file.ts';
import { isOnnxName } from '../readers/model-files.ts';

/**
 * Finds the ONNX file at a path: the path itself if it is one; the folder's `model.onnx` or its only `.onnx`
 * file; or the same in its subfolder `onnx`, as in repositories of Hugging Face.
 *
 * @returns null where there is none.
 * @throws GradcamError `argument` for a folder with several ONNX files.
 */
export function findOnnxPath(location: string): string | null {
  const stats = statSync(location, { throwIfNoEntry: false });
  if (stats?.isFile() === true) return isOnnxName(location) ? location : null;
  if (stats?.isDirectory() !== true) return null;
  return findInFolder(location) ?? findInFolder(path.join(location, HUGGING_FACE.folder));
}

function findInFolder(folder: string): string | null {
  const name = chooseOnnxName(listNames(folder), folder);
  return name === null ? null : path.join(folder, name);
}

/**
 * The folders with files about an ONNX file: the file's own folder, and for a folder `onnx` its parent too.
 */
export function listSidecarFolders(file: string): readonly string[] {
  const folder = path.dirname(file);
  const isUsual = path.basename(path.resolve(folder)) === HUGGING_FACE.folder;
  return isUsual ? [folder, path.dirname(path.resolve(folder))] : [folder];
}

function listNames(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
