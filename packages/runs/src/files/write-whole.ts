import { removeAbandoned, temporaryName } from '@gradcam/core/node';
import { createHash } from 'node:crypto';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import path from 'node:path';

/**
 * Writes a file, whole or not at all, in a folder that belongs to the run alone: `write` fills `<file>.part`,
 * which is then renamed. A file or link that a killed process left under that name is removed first, so that
 * nothing is written through a link.
 */
export async function writeWhole(
  file: string,
  write: (handle: FileHandle) => Promise<void>,
  part = `${file}.part`,
): Promise<void> {
  const handle = await openNew(part);
  try {
    await write(handle);
    await handle.close();
    await rename(part, file);
  } catch (error) {
    await handle.close().catch(() => {});
    await rm(part, { force: true }).catch(() => {});
    throw error;
  }
}

/**
 * Writes a file, whole or not at all, in a folder that may hold anyone's files, and so perhaps a
 * `<file>.part`. The temporary name is unique, and temporary files that killed processes left for this file
 * are removed.
 */
export async function writeWholeAmongOthers(
  file: string,
  write: (handle: FileHandle) => Promise<void>,
): Promise<void> {
  const part = await claimPart(file);
  await writeWhole(file, write, part);
}

/**
 * A unique temporary name for what will be `file`. Temporary files for it of killed processes are removed.
 */
export async function claimPart(file: string): Promise<string> {
  // A digest, because the name itself may already have the longest length that a file system allows.
  const digest = createHash('sha256').update(path.basename(file)).digest('hex').slice(0, 8);
  const prefix = path.join(path.dirname(file), `.gradcam-${digest}-`);
  await removeAbandoned(prefix, PART);
  return temporaryName(prefix, PART);
}

const PART = '.part';

async function openNew(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'wx');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    await rm(file, { force: true });
    return open(file, 'wx');
  }
}
