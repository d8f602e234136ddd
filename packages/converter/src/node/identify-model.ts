import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  identifyModelFormat,
  savedModelFormat,
  type ModelFormat,
} from '../formats/model-format.ts';
import { openFileSource } from './file-source.ts';

/**
 * Identifies the other program whose model is at a path. It returns null if there is no such model, or
 * nothing at the path.
 */
export async function identifyModelPath(path: string): Promise<ModelFormat | null> {
  const found = await stat(path).catch(() => null);
  if (found?.isDirectory() === true) {
    const isSaved = await stat(join(path, 'saved_model.pb')).catch(() => null);
    return isSaved?.isFile() === true ? savedModelFormat(path) : null;
  }
  if (found?.isFile() !== true) return null;
  const source = await openFileSource(path);
  return identifyModelFormat(source).finally(() => source.close());
}
