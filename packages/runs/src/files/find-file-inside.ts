import { lstat, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';

/**
 * The real path of a plain file inside a folder; null where there is none, and for a link that leads out of
 * the folder.
 *
 * @param names of the folders on the way, and of the file.
 */
export async function findFileInside(
  folder: string,
  names: readonly string[],
): Promise<string | null> {
  try {
    const root = await realpath(folder);
    const file = await realpath(join(root, ...names));
    const isInside = file.startsWith(root.endsWith(sep) ? root : root + sep);
    return isInside && (await lstat(file)).isFile() ? file : null;
  } catch {
    return null;
  }
}
