import {
  isGradcamError,
  parseResults,
  validateRun,
  type FailureLine,
  type ResultLine,
  type RunFile,
} from '@gradcam/core';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { CommandError, exitCodes } from '../exit-codes.ts';

/**
 * A run that was written before, by this command or another program.
 *
 * @throws CommandError 66 where the folder holds none, 65 where its files are damaged.
 */
export async function readRun(
  folder: string,
): Promise<{ run: RunFile; lines: (ResultLine | FailureLine)[] }> {
  const read = (file: string): Promise<string> =>
    readFile(path.join(folder, file), 'utf8').catch((cause: unknown) => {
      throw new CommandError(exitCodes.noInput, `${folder}: no run here (no ${file})`, { cause });
    });
  try {
    const run = validateRun(parseJson(await read('run.json')));
    return { run, lines: parseResults(await read('results.jsonl')).lines };
  } catch (cause) {
    if (!isGradcamError(cause)) throw cause;
    throw new CommandError(exitCodes.badData, `${folder}: damaged run: ${cause.message}`, {
      cause,
    });
  }
}

/** validateRun says what is wrong with what is no JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
