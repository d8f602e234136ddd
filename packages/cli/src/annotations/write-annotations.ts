import { validateRun } from '@gradcam/core';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { readResults } from '../explain/results-file.ts';
import type { RunDirectory } from '../explain/run-directory.ts';
import { formatCoco } from './coco.ts';

/** The file of a run's boxes and masks. */
export const ANNOTATIONS_FILE = 'annotations.coco.json';

/** Writes the annotations of all images that the run's folder holds, be they of this start or before. */
export async function writeAnnotations(
  run: Pick<RunDirectory, 'folder' | 'writeFile'>,
): Promise<void> {
  const settings = validateRun(
    JSON.parse(await readFile(path.join(run.folder, 'run.json'), 'utf8')),
  );
  const lines = () => readResults(path.join(run.folder, 'results.jsonl'));
  await run.writeFile(ANNOTATIONS_FILE, formatCoco(lines, settings));
}
