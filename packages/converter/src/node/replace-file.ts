import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { WriteError } from '../errors.ts';

/** Names of files that are not in their place yet. One that a killed process left may be removed. */
export const REPLACED_FILE = /^\.gradcam-[0-9a-f]{12}\.part$/;

/**
 * Replaces the content of a small file. At every moment either the old or the new content is there,
 * complete. After this call the new content survives a loss of power.
 *
 * @param part temporary name; by default a new unique name. If only one process ever writes the file, it
 * may pass a fixed name, so that a later run overwrites what a killed one left.
 * @throws WriteError; the old file is then unchanged
 */
export async function replaceFile(
  path: string,
  content: string,
  part = join(dirname(path), `.gradcam-${randomBytes(6).toString('hex')}.part`),
): Promise<void> {
  try {
    const handle = await open(part, 'w');
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(part, path);
  } catch (cause) {
    await rm(part, { force: true }).catch(() => undefined);
    throw new WriteError(path, cause);
  }
}
