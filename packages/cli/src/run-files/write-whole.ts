import { open, rename, rm, type FileHandle } from 'node:fs/promises';

/**
 * Writes a file whole or not at all: under another name, `<file>.part`, which is then renamed. What a
 * killed process left under that name is removed, and so is a link, which is never written through.
 */
export async function writeWhole(
  file: string,
  write: (handle: FileHandle) => Promise<void>,
): Promise<void> {
  const part = `${file}.part`;
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

async function openNew(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'wx');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    await rm(file, { force: true });
    return open(file, 'wx');
  }
}
