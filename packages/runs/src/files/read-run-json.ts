import { isGradcamError, validateRun, type RunFile } from '@gradcam/core';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { RunError } from '../run-error.ts';
import { kindOfPlace } from './find-run-file.ts';

/** Settings and notes take some kilobytes; a larger file would only fill memory. */
const MAX_RUN_JSON_BYTES = 16 * 2 ** 20;

/**
 * Reads `run.json` of a run folder.
 *
 * @throws RunError `not-found` where the folder has no `run.json`, `data` where the file is damaged.
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
    throw damaged(`run.json has ${size} bytes, expected at most ${MAX_RUN_JSON_BYTES}`);
  }
  try {
    return validateRun(parseJson(await readFile(file, 'utf8')));
  } catch (cause) {
    if (!isGradcamError(cause)) throw cause;
    throw damaged(cause.message, cause);
  }
}

/** Null for a text that is not JSON, which `validateRun` then refuses. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
