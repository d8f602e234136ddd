import { isKerasArchive } from '../formats/keras/read-keras.ts';
import { detectFileKind } from '../formats/open-weights.ts';
import { readZipMembers } from '../formats/zip/central-directory.ts';
import { isConverterError } from '../errors.ts';
import { isFile, openFileSource } from './file-source.ts';

/**
 * Whether a path is a file that {@link convertModel} reads as one of Keras: HDF5, or an archive of Keras 3.
 * Its bytes decide, not its name.
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
    return kind === 'hdf5' || (kind === 'zip' && isKerasArchive(await readZipMembers(source)));
  } catch (error) {
    // A damaged zip is reported by the code that opens it.
    if (isConverterError(error)) return false;
    throw error;
  } finally {
    await source.close();
  }
}
