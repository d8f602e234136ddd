import { isGradcamError, validateRun, type RunFile } from '@gradcam/core';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { RunError } from '../run-error.ts';
import { kindOfPlace } from './find-run-file.ts';

/** Settings and notes are some kilobytes; what is larger would only fill memory. */
const MAX_RUN_JSON_BYTES = 16 * 2 ** 20;

/**
 * Reads `run.json` of a run's folder.
 *
 * @throws RunError `not-found` where there is none, `data` where it is damaged.
 */
export async function readRunJson(folder: string): Promise<RunFile> {
  const file = path.join(folder, 'run.json');
  const kind = await kindOfPlace(file);
  if (kind === 'nothing') {
    throw new RunError('not-found', `${folder}: no run here (no run.json)`);
  }
  const damaged = (what: string, cause?: unknown): RunError =>
    new RunError('data', `${folder}: damaged run: ${what}`, { cause });
  if (kind !== 'file') throw damaged('run.json is not a plain file');
  const { size } = await stat(file);
  if (size > MAX_RUN_JSON_BYTES) {
    throw damaged(`run.json has ${size} bytes, more than any (${MAX_RUN_JSON_BYTES})`);
  }
  try {
    return validateRun(parseJson(await readFile(file, 'utf8')));
  } catch (cause) {
    if (!isGradcamError(cause)) throw cause;
    throw damaged(cause.message, cause);
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
