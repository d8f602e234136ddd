import { isFailure, validateRun } from '@gradcam/core';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { readResults } from '../run-files/read-results.ts';
import { isWebAddress } from '../inputs/web-address.ts';

/**
 * The file of an image that a run explained, wherever it lies; null where it is no longer what was
 * explained.
 *
 * A request names it by its content, so no request can name a path, and a run that somebody else made
 * can make the server give out only files of which it states the sha256: those it was made from.
 *
 * @param sha256 in hex, as in the image's line of `results.jsonl`.
 */
export async function findOriginal(run: string, sha256: string): Promise<string | null> {
  try {
    const { files } = validateRun(JSON.parse(await readFile(path.join(run, 'run.json'), 'utf8')));
    if (files === undefined) return null;
    const image = await findImage(path.join(run, 'results.jsonl'), sha256);
    if (image === null || isWebAddress(image)) return null;
    const file = path.resolve(run, files.original, image);
    const found = createHash('sha256').update(await readFile(file));
    return found.digest('hex') === sha256 ? file : null;
  } catch {
    return null;
  }
}

async function findImage(results: string, sha256: string): Promise<string | null> {
  // A line that is no result hides no other.
  for await (const line of readResults(results, () => {})) {
    if (!isFailure(line) && line.sha256 === sha256) return line.image;
  }
  return null;
}
