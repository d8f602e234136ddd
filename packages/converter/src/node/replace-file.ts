import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { WriteError } from '../errors.ts';

/** Names of files not yet in place; one that a killed process left may be removed. */
export const REPLACED_FILE = /^\.gradcam-[0-9a-f]{12}\.part$/;

/**
 * Gives a small file a new content: at every moment the old or the new one is there, whole, and after this
 * the new one lasts over a loss of power.
 *
 * @param part name for the moment, one of its own by default; a process that alone writes the file may give
 * it one, which a killed run's does not outlive
 * @throws WriteError; the old file stays then
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
