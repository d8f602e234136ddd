import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { CommandError, exitCodes } from './exit-codes.ts';

/**
 * Writes a file whole or not at all, with the folders above it.
 *
 * @throws CommandError 74 with the system's code.
 */
export async function writeWhole(file: string, bytes: Uint8Array | string): Promise<void> {
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(`${file}.part`, bytes);
    await rename(`${file}.part`, file);
  } catch (cause) {
    await rm(`${file}.part`, { force: true }).catch(() => {});
    const { code = 'error' } = cause as NodeJS.ErrnoException;
    throw new CommandError(exitCodes.cannotWrite, `${file}: cannot be written (${code})`, {
      cause,
    });
  }
}
