import { removeAbandoned, temporaryName } from '@gradcam/core/node';
import { createHash } from 'node:crypto';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import path from 'node:path';

/**
 * Writes a file of a folder that is ours whole or not at all: under another name, `<file>.part`, which is
 * then renamed. What a killed process left under that name is removed, and so is a link, which is never
 * written through.
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
 * The same in a folder that also holds files of others, who may have a `<file>.part` of their own: the name
 * for the moment is one that nobody else has, and of these what killed processes left for this file is
 * removed.
 */
export async function writeWholeAmongOthers(
  file: string,
  write: (handle: FileHandle) => Promise<void>,
): Promise<void> {
  const part = await claimPart(file);
  await writeWhole(file, write, part);
}

/** A name of this process for what is to become `file`; removes those of killed processes. */
export async function claimPart(file: string): Promise<string> {
  // The digest stands for a name that may be as long as names can be.
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
