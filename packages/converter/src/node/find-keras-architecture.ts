import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isConverterError } from '../errors.ts';
import { isKerasArchitecture } from '../formats/keras/architecture-file.ts';
import { holdsWeightsAlone } from '../formats/keras/read-keras.ts';
import { detectFileKind } from '../formats/file-kind.ts';
import { isFile, openFileSource } from './file-source.ts';

/** The most bytes of a file that is tried. The architecture of the largest nets stays below 4 MiB. */
const MAX_BYTES = 16 * 2 ** 20;

/** The most files of a folder among which the only architecture is searched. */
const MAX_FILES = 100;

/**
 * Finds the architecture of a Keras model whose weights alone are in a file: a JSON file in the same folder,
 * as `model.to_json()` writes it. It is the one with the name of the weights (`fer.json` for `fer.h5` and
 * `fer_weights.h5`), else the only one.
 *
 * @param path any file.
 * @returns the path of the JSON file; null for a file that is not HDF5 with weights alone, and where no
 *   architecture or several stand beside it.
 */
export async function findKerasArchitecture(path: string): Promise<string | null> {
  const folder = dirname(path);
  const names = await readdir(folder).catch((): string[] => []);
  const candidates = names.filter((name) => /\.json$/i.test(name)).sort();
  if (candidates.length === 0 || !(await isFile(path)) || !(await isWeightsFile(path))) return null;
  const stem = basename(path).replace(/\.(h5|hdf5)$/i, '');
  for (const one of [stem, stem.replace(/[._-]?weights?$/i, '')]) {
    const own = candidates.find((name) => name.replace(/\.json$/i, '') === one);
    if (own !== undefined && (await isArchitecturePath(join(folder, own))))
      return join(folder, own);
  }
  // In a folder of many files, one cannot be called the only one.
  if (candidates.length > MAX_FILES) return null;
  const found: string[] = [];
  for (const name of candidates) {
    if (await isArchitecturePath(join(folder, name))) found.push(join(folder, name));
  }
  return found.length === 1 ? found[0]! : null;
}

/** Whether a path is a JSON file with the architecture of a Keras model, and without weights. */
export async function isArchitecturePath(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  if (found?.isFile() !== true || found.size > MAX_BYTES) return false;
  return isKerasArchitecture(await readFile(path, 'utf8'));
}

async function isWeightsFile(path: string): Promise<boolean> {
  const source = await openFileSource(path);
  try {
    return (await detectFileKind(source)) === 'hdf5' && (await holdsWeightsAlone(source));
  } catch (error) {
    // What is wrong with the file is said where it is read.
    if (isConverterError(error)) return false;
    throw error;
  } finally {
    await source.close();
  }
}
