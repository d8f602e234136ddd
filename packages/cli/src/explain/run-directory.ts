import type { FailureLine, ResultLine, RunFile } from '@gradcam/core';
import { appendFile, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { CommandError, exitCodes } from '../exit-codes.ts';

/** A run's folder while it is written. */
export interface RunDirectory {
  readonly folder: string;
  /** Writes a file whole or not at all; `name` is relative to the folder and is returned. */
  writeFile(name: string, bytes: Uint8Array | string): Promise<string>;
  /** Adds a line to `results.jsonl`; call it when all files of the line are written. */
  appendResult(line: ResultLine | FailureLine): Promise<void>;
  writeRun(run: RunFile): Promise<void>;
}

/**
 * Makes the folder of a new run.
 *
 * @throws CommandError 73 where the folder cannot be made or already holds a run.
 */
export async function createRunDirectory(folder: string): Promise<RunDirectory> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    const { code = 'error' } = cause as NodeJS.ErrnoException;
    throw new CommandError(exitCodes.cannotCreate, `${folder}: cannot be created (${code})`, {
      cause,
    });
  }
  const results = path.join(folder, 'results.jsonl');
  const existing = await readFile(results).catch(() => null);
  if (existing !== null) {
    throw new CommandError(
      exitCodes.cannotCreate,
      `${folder} already holds a run; choose another --out or remove it`,
    );
  }
  await guardWrite(results, () => writeFile(results, ''));

  const directory: RunDirectory = {
    folder,
    async writeFile(name, bytes) {
      const file = path.join(folder, name);
      await guardWrite(file, async () => {
        await mkdir(path.dirname(file), { recursive: true });
        await writeFile(`${file}.part`, bytes);
        await rename(`${file}.part`, file);
      });
      return name;
    },
    appendResult: (line) =>
      guardWrite(results, () => appendFile(results, `${JSON.stringify(line)}\n`)),
    async writeRun(run) {
      await directory.writeFile('run.json', `${JSON.stringify(run, null, 2)}\n`);
    },
  };
  return directory;
}

async function guardWrite<T>(file: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (cause) {
    const { code = 'error' } = cause as NodeJS.ErrnoException;
    throw new CommandError(exitCodes.cannotWrite, `${file}: cannot be written (${code})`, {
      cause,
    });
  }
}
