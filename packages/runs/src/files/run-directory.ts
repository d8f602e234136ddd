import { RUN_IMAGES_FOLDER, type RunFile } from '@gradcam/core';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { RunError } from '../run-error.ts';
import { kindOfPlace } from './find-run-file.ts';
import { writeWhole } from './write-whole.ts';

/** What a file is to hold; texts that come one after the other need never be in memory together. */
export type FileContent = Uint8Array | string | AsyncIterable<string>;

/** A run's folder while it is written. */
export interface RunDirectory {
  readonly folder: string;
  /** Writes a file whole or not at all; `name` is relative to the folder and is returned. */
  writeFile(name: string, content: FileContent): Promise<string>;
  writeRun(run: RunFile): Promise<void>;
}

/** @param folder is there; it is not made again where somebody removes it. */
export function openRunDirectory(folder: string): RunDirectory {
  let images: Promise<void> | null = null;
  // Many files go into few folders: each is made once.
  let lastMade = '';
  const directory: RunDirectory = {
    folder,
    async writeFile(name, content) {
      const file = path.join(folder, name);
      const parent = path.posix.dirname(name);
      await guardWrite(file, async () => {
        if (parent !== '.') {
          images ??= makeOwnFolder(path.join(folder, RUN_IMAGES_FOLDER));
          await images;
          if (parent !== lastMade) await makeOwnFolder(path.dirname(file));
          lastMade = parent;
        }
        await writeWhole(file, (handle) => writeFile(handle, content));
      });
      return name;
    },
    async writeRun(run) {
      await directory.writeFile('run.json', `${JSON.stringify(run, null, 2)}\n`);
    },
  };
  return directory;
}

/** Makes a folder, but none above it: a run's folder that somebody removes stays removed. */
async function makeOwnFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    if ((await kindOfPlace(folder)) === 'folder') return;
    throw new RunError(
      'cannot-write',
      `${folder} is not a folder of the run but a link or a file; remove it, or choose another --out`,
    );
  }
}

/** @throws RunError `cannot-write` in place of an error of the system, with its code. */
export async function guardWrite<T>(file: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (cause) {
    const { code, syscall } = cause as NodeJS.ErrnoException;
    // Not of the writing, but of what was to be written.
    if (syscall === undefined) throw cause;
    const why = reasons[code ?? ''] ?? code;
    throw new RunError('cannot-write', `${file}: cannot be written (${why})`, { cause });
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full, ENOSPC',
  EDQUOT: 'the quota of the disk is used up, EDQUOT',
  ENOENT: 'its folder was removed meanwhile, ENOENT',
};
