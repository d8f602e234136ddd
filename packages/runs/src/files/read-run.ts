import type { FailureLine, ResultLine, RunFile } from '@gradcam/core';
import path from 'node:path';
import { RunError } from '../run-error.ts';
import { readResults } from './read-results.ts';
import { kindOfPlace } from './find-run-file.ts';
import { readRunJson } from './read-run-json.ts';

/**
 * A run that was written before, by this command or another program.
 *
 * @throws RunError `not-found` where the folder holds none, `data` where its files are damaged.
 */
export async function readRun(
  folder: string,
): Promise<{ run: RunFile; lines: (ResultLine | FailureLine)[] }> {
  const run = await readRunJson(folder);
  const results = path.join(folder, 'results.jsonl');
  if ((await kindOfPlace(results)) === 'nothing') {
    throw new RunError('not-found', `${folder}: no run here (no results.jsonl)`);
  }
  const lines: (ResultLine | FailureLine)[] = [];
  // Line by line: the whole of a long run would not go into one string.
  for await (const line of readResults(results)) lines.push(line);
  return { run, lines };
}
