import { RUN_IMAGES_FOLDER, type RunFile } from '@gradcam/core';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { RunError } from '../run-error.ts';
import { kindOfPlace } from './find-run-file.ts';
import { writeWhole } from './write-whole.ts';

/**
 * Content of a file. Texts of an iterable are written one after the other and are never in memory together.
 */
export type FileContent = Uint8Array | string | AsyncIterable<string>;

/** A run folder that is being written. */
export interface RunDirectory {
  readonly folder: string;
  /**
   * Writes a file, whole or not at all.
   *
   * @param name of the file, relative to the folder, with `/` between names.
   * @returns `name`.
   * @throws RunError `cannot-write`.
   */
  writeFile(name: string, content: FileContent): Promise<string>;
  /** Writes `run.json`. */
  writeRun(run: RunFile): Promise<void>;
}

/**
 * @param folder an existing folder; it is not created again where somebody removes it.
 * @param temporaryFor the path of a file while it is unfinished, on the same file system. Where several
 *   processes write into the folder, the paths of each must be its own.
 */
export function openRunDirectory(
  folder: string,
  temporaryFor: (file: string) => string = (file) => `${file}.part`,
): RunDirectory {
  let images: Promise<void> | null = null;
  // Many files go into few folders, so each folder is created once.
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
        await writeWhole(file, (handle) => writeFile(handle, content), temporaryFor(file));
      });
      return name;
    },
    async writeRun(run) {
      await directory.writeFile('run.json', `${JSON.stringify(run, null, 2)}\n`);
    },
  };
  return directory;
}

/** Creates a folder but no parent: a run folder that somebody removed stays removed. */
async function makeOwnFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    if ((await kindOfPlace(folder)) === 'folder') return;
    throw new RunError(
      'cannot-write',
      `${folder}: expected a folder of the run, found a link or a file; remove it, or choose another --out`,
    );
  }
}

/**
 * Calls `write` and names the file in errors of the operating system.
 *
 * @throws RunError `cannot-write` with the code of the system's error; any other error as it is.
 */
export async function guardWrite<T>(file: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (cause) {
    const { code, syscall } = cause as NodeJS.ErrnoException;
    // An error of the content, not of the system.
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
