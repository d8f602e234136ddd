import type { FailureLine, ResultLine, RunFile } from '@gradcam/core';
import path from 'node:path';
import { RunError } from '../run-error.ts';
import { readResults } from './read-results.ts';
import { kindOfPlace } from './find-run-file.ts';
import { readRunJson } from './read-run-json.ts';

/**
 * Reads a whole run, whichever program wrote it.
 *
 * @returns the content of `run.json`, and the lines of `results.jsonl` in their order.
 * @throws RunError `not-found` where the folder holds no run, `data` where its files are damaged.
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
  // Line by line: a long run does not fit into one string.
  for await (const line of readResults(results)) lines.push(line);
  return { run, lines };
}
