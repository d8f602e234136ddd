import { basename, dirname, join } from 'node:path';
import { SAVED_MODEL_FILES } from '../formats/saved-model/file-names.ts';
import { isFile } from './file-source.ts';

/**
 * The folder of the SavedModel at a path, which is the folder or the `saved_model.pb` in it; null for any
 * other path.
 */
export async function findSavedModel(path: string): Promise<string | null> {
  if (await isFile(join(path, SAVED_MODEL_FILES.graph))) return path;
  const isGraph = basename(path) === SAVED_MODEL_FILES.graph && (await isFile(path));
  return isGraph ? dirname(path) : null;
}
