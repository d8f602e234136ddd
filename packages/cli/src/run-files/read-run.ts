import {
  isGradcamError,
  validateRun,
  type FailureLine,
  type ResultLine,
  type RunFile,
} from '@gradcam/core';
import { access, readFile } from 'node:fs/promises';
import path from 'node:path';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { readResults } from '../explain/results-file.ts';

/**
 * A run that was written before, by this command or another program.
 *
 * @throws CommandError 66 where the folder holds none, 65 where its files are damaged.
 */
export async function readRun(
  folder: string,
): Promise<{ run: RunFile; lines: (ResultLine | FailureLine)[] }> {
  const orMissing =
    (file: string) =>
    (cause: unknown): never => {
      throw new CommandError(exitCodes.noInput, `${folder}: no run here (no ${file})`, { cause });
    };
  const results = path.join(folder, 'results.jsonl');
  try {
    const text = await readFile(path.join(folder, 'run.json'), 'utf8').catch(orMissing('run.json'));
    const run = validateRun(parseJson(text));
    await access(results).catch(orMissing('results.jsonl'));
    const lines: (ResultLine | FailureLine)[] = [];
    // Line by line: the whole of a long run would not go into one string.
    for await (const line of readResults(results)) lines.push(line);
    return { run, lines };
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
