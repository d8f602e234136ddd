import { detectFileKind } from '../formats/file-kind.ts';
import { isKerasArchive } from '../formats/keras/archive-members.ts';
import { readZipMembers } from '../formats/zip/central-directory.ts';
import { isConverterError } from '../errors.ts';
import { isFile, openFileSource } from './file-source.ts';

/**
 * Whether a path is a file that {@link convertModel} reads as one of Keras: HDF5, or an archive of Keras 3.
 * Its bytes decide, and its name where they tell nothing, so that a damaged file is called damaged.
 *
 * @example
 * ```ts
 * if (await isKerasPath('net.h5')) await convertModel({ source: 'net.h5', out: 'models/net' });
 * ```
 */
export async function isKerasPath(path: string): Promise<boolean> {
  if (!(await isFile(path))) return false;
  const source = await openFileSource(path);
  try {
    const kind = await detectFileKind(source);
    if (kind === 'hdf5') return true;
    if (kind === 'zip') return isKerasArchive(await readZipMembers(source));
    return kind === 'unknown' && isCalledKeras(path);
  } catch (error) {
    if (isConverterError(error)) return isCalledKeras(path);
    throw error;
  } finally {
    await source.close();
  }
}

function isCalledKeras(path: string): boolean {
  return /\.(h5|hdf5|keras)$/i.test(path);
}
