import type { RunFile } from '@gradcam/core';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { CommandError, exitCodes } from '../exit-codes.ts';

/** What a file is to hold; texts that come one after the other need never be in memory together. */
export type FileContent = Uint8Array | string | AsyncIterable<string>;

/** A run's folder while it is written. */
export interface RunDirectory {
  readonly folder: string;
  /** Writes a file whole or not at all; `name` is relative to the folder and is returned. */
  writeFile(name: string, content: FileContent): Promise<string>;
  writeRun(run: RunFile): Promise<void>;
}

export function openRunDirectory(folder: string): RunDirectory {
  // Many files go into few folders: each is made once.
  let lastMade = '';
  const directory: RunDirectory = {
    folder,
    async writeFile(name, content) {
      const file = path.join(folder, name);
      await guardWrite(file, async () => {
        const parent = path.dirname(file);
        if (parent !== lastMade) await mkdir(parent, { recursive: true });
        lastMade = parent;
        try {
          await writeFile(`${file}.part`, content);
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

/** @throws CommandError 74 in place of an error of the system, with its code. */
export async function guardWrite<T>(file: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (cause) {
    const { code, syscall } = cause as NodeJS.ErrnoException;
    // Not of the writing, but of what was to be written.
    if (syscall === undefined) throw cause;
    const why = code === 'ENOSPC' ? 'the disk is full, ENOSPC' : code;
    throw new CommandError(exitCodes.cannotWrite, `${file}: cannot be written (${why})`, { cause });
  }
}
