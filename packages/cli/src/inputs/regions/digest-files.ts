import { readImageFile } from '@gradcam/core/node';
import { createHash } from 'node:crypto';
import path from 'node:path';

/**
 * The sha256, in hex, of files in a folder: of their names and of what is in them, so that a run which is
 * resumed notices an edited annotation. The order of the names does not matter.
 *
 * A file that cannot be read counts as that. The image that it belongs to reports it; the others go on.
 *
 * @param names paths of the files below `root`.
 */
export async function digestFiles(root: string, names: readonly string[]): Promise<string> {
  const digest = createHash('sha256');
  for (const name of [...names].sort()) {
    digest.update(`${name}\0${await digestContent(path.join(root, name))}\n`);
  }
  return digest.digest('hex');
}

async function digestContent(file: string): Promise<string> {
  try {
    return createHash('sha256')
      .update(await readImageFile(file))
      .digest('hex');
  } catch {
    return 'unreadable';
  }
}
