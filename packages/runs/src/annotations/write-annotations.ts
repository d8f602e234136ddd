import path from 'node:path';
import type { RunDirectory } from '../files/run-directory.ts';
import { readResults } from '../files/read-results.ts';
import { readRunJson } from '../files/read-run-json.ts';
import { formatCoco } from './coco.ts';

/** Name of the file that holds a run's boxes and masks. */
export const ANNOTATIONS_FILE = 'annotations.coco.json';

/** Writes the annotations of all images in the run folder, those of earlier starts included. */
export async function writeAnnotations(
  run: Pick<RunDirectory, 'folder' | 'writeFile'>,
): Promise<void> {
  const settings = await readRunJson(run.folder);
  const lines = () => readResults(path.join(run.folder, 'results.jsonl'));
  await run.writeFile(ANNOTATIONS_FILE, formatCoco(lines, settings));
}
