import { isGradcamError, parseResult, type FailureLine, type ResultLine } from '@gradcam/core';
import { open, readdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { RunError } from '../run-error.ts';
import { kindOfPlace } from '../files/find-run-file.ts';
import { guardWrite } from '../files/run-directory.ts';
import { writeWhole } from '../files/write-whole.ts';

type Line = ResultLine | FailureLine;

/**
 * The folder of a run that several processes explain together: the plan of the work, and the outcome files
 * that are not in `results.jsonl` yet. It is removed when the run is done.
 */
export const PARTS_FOLDER = 'parts';

/** Digits of a part's number, so that names in order are numbers in order. */
const DIGITS = 8;

/** The largest outcome file that is read. The lines of a thousand images take about a megabyte. */
const MAX_PART_BYTES = 2 ** 28;

/** Path of the outcome file of a part of the run's images. */
export function partFile(run: string, part: number): string {
  return path.join(run, PARTS_FOLDER, `${String(part).padStart(DIGITS, '0')}.jsonl`);
}

/** Whether the outcome file of a part exists. */
export async function hasPart(run: string, part: number): Promise<boolean> {
  return (await kindOfPlace(partFile(run, part))) === 'file';
}

/**
 * Writes the outcome file of a part: the lines of its images, in their order. The file appears with all its
 * lines and replaces an earlier outcome of the same part. Its bytes are on the disk before it appears.
 *
 * @param temporary path for the unfinished file, on the same file system.
 * @throws RunError `cannot-write`, as where the run's folder of parts was removed.
 */
export async function publishPart(
  run: string,
  part: number,
  lines: readonly Line[],
  temporary: string,
): Promise<void> {
  const file = partFile(run, part);
  await guardWrite(file, () =>
    writeWhole(
      file,
      async (handle) => {
        await handle.writeFile(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
        await handle.sync();
      },
      temporary,
    ),
  );
}

/**
 * Reads the outcome file of a part.
 *
 * @throws RunError `data` for a file that is not a list of result lines.
 */
export async function readPart(run: string, part: number): Promise<Line[]> {
  return readLines(partFile(run, part));
}

/** Removes the outcome file of a part, whose lines are in `results.jsonl` now. */
export async function removePart(run: string, part: number): Promise<void> {
  await rm(partFile(run, part), { force: true });
}

/** The outcome files that exist, in the order of the parts. */
export async function listParts(run: string): Promise<string[]> {
  const folder = path.join(run, PARTS_FOLDER);
  const names = await readdir(folder).catch(() => []);
  const pattern = new RegExp(`^\\d{${DIGITS}}\\.jsonl$`);
  return names
    .filter((name) => pattern.test(name))
    .sort()
    .map((name) => path.join(folder, name));
}

/** Removes the folder of the parts with everything in it. */
export async function removeParts(run: string): Promise<void> {
  const folder = path.join(run, PARTS_FOLDER);
  // A worker that is not needed any more may write into the folder while it is being removed.
  await guardWrite(folder, () => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
}

/**
 * Appends the lines of all outcome files to `results.jsonl`, in the order of the parts, and removes the
 * folder of the parts. Afterwards a worker that still has a part of this run cannot write its outcome.
 *
 * @returns how many lines were appended.
 * @throws RunError `data` for an outcome file that is damaged, `cannot-write`.
 */
export async function absorbParts(run: string, results: string): Promise<number> {
  const files = await listParts(run);
  let count = 0;
  if (files.length > 0) {
    await guardWrite(results, async () => {
      const handle = await open(results, 'a');
      try {
        for (const file of files) {
          const lines = await readLines(file);
          await handle.appendFile(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
          count += lines.length;
        }
        await handle.sync();
      } finally {
        await handle.close();
      }
    });
  }
  await removeParts(run);
  return count;
}

async function readLines(file: string): Promise<Line[]> {
  const damaged = (what: string, cause?: unknown): RunError =>
    new RunError(
      'data',
      `${file}: ${what}; remove this file, and --resume explains its images again`,
      {
        cause,
      },
    );
  if ((await kindOfPlace(file)) !== 'file') throw damaged('expected a plain file, found none');
  const { size } = await stat(file);
  if (size > MAX_PART_BYTES)
    throw damaged(`expected at most ${MAX_PART_BYTES} bytes, found ${size}`);
  const rows = (await readFile(file, 'utf8')).split('\n').filter((row) => row !== '');
  return rows.map((row, i) => {
    try {
      return parseResult(row, i + 1);
    } catch (cause) {
      if (!isGradcamError(cause)) throw cause;
      throw damaged(cause.message.replace('results.jsonl ', ''), cause);
    }
  });
}
