import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { GradcamError } from '../base/errors.ts';
import { isOnnxName } from '../readers/model-files.ts';

/** Hugging Face's names for a repository's folder of ONNX files, and for the file that is not quantised. */
const USUAL = { folder: 'onnx', file: 'model.onnx' } as const;

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
  return findInFolder(location) ?? findInFolder(path.join(location, USUAL.folder));
}

function findInFolder(folder: string): string | null {
  const names = listNames(folder).filter(isOnnxName).sort();
  if (names.includes(USUAL.file)) return path.join(folder, USUAL.file);
  if (names.length < 2) return names.length === 0 ? null : path.join(folder, names[0]!);
  throw new GradcamError(
    'argument',
    `${folder} holds ${names.length} ONNX files, ${names.slice(0, 3).join(', ')}${names.length > 3 ? ', ..' : ''}: give the path of one`,
  );
}

/**
 * The folders with files about an ONNX file: the file's own folder, and for a folder `onnx` its parent too.
 */
export function listSidecarFolders(file: string): readonly string[] {
  const folder = path.dirname(file);
  const isUsual = path.basename(path.resolve(folder)) === USUAL.folder;
  return isUsual ? [folder, path.dirname(path.resolve(folder))] : [folder];
}

function listNames(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
