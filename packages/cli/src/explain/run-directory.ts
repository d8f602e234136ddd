import type { RunFile } from '@gradcam/core';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { CommandError, exitCodes } from '../exit-codes.ts';

/** A run's folder while it is written. */
export interface RunDirectory {
  readonly folder: string;
  /** Writes a file whole or not at all; `name` is relative to the folder and is returned. */
  writeFile(name: string, bytes: Uint8Array | string): Promise<string>;
  writeRun(run: RunFile): Promise<void>;
}

export function openRunDirectory(folder: string): RunDirectory {
  // Many files go into few folders: each is made once.
  let lastMade = '';
  const directory: RunDirectory = {
    folder,
    async writeFile(name, bytes) {
      const file = path.join(folder, name);
      await guardWrite(file, async () => {
        const parent = path.dirname(file);
        if (parent !== lastMade) await mkdir(parent, { recursive: true });
        lastMade = parent;
        try {
          await writeFile(`${file}.part`, bytes);
          await rename(`${file}.part`, file);
        } catch (error) {
          await rm(`${file}.part`, { force: true }).catch(() => {});
          throw error;
        }
      });
      return name;
    },
    async writeRun(run) {
      await directory.writeFile('run.json', `${JSON.stringify(run, null, 2)}\n`);
    },
  };
  return directory;
}

/** @throws CommandError 74 with the system's code in place of what `write` throws. */
export async function guardWrite<T>(file: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (cause) {
    const { code = 'error' } = cause as NodeJS.ErrnoException;
    const why = code === 'ENOSPC' ? 'the disk is full, ENOSPC' : code;
    throw new CommandError(exitCodes.cannotWrite, `${file}: cannot be written (${why})`, { cause });
  }
}
