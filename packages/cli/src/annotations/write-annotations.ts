import { parseResults, validateRun } from '@gradcam/core';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { RunDirectory } from '../explain/run-directory.ts';
import { describeAsCoco } from './coco.ts';

/** The file of a run's boxes and masks. */
export const ANNOTATIONS_FILE = 'annotations.coco.json';

/** Writes the annotations of all images that the run's folder holds, be they of this start or before. */
export async function writeAnnotations(
  run: Pick<RunDirectory, 'folder' | 'writeFile'>,
): Promise<void> {
  const read = (name: string): Promise<string> => readFile(path.join(run.folder, name), 'utf8');
  const { lines } = parseResults(await read('results.jsonl'));
  const settings = validateRun(JSON.parse(await read('run.json')));
  await run.writeFile(ANNOTATIONS_FILE, `${JSON.stringify(describeAsCoco(lines, settings))}\n`);
}
