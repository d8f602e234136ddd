import type { FailureLine, ResultLine } from '@gradcam/core';
import { createByteDigest, type ByteDigest } from './byte-digest.ts';
import { changedMeanwhile, type LinesFile } from './lines-file.ts';
import { readRows } from './read-results.ts';
import { guardWrite } from './run-directory.ts';
import { writeWhole } from './write-whole.ts';

/** `results.jsonl` of a run that is being written. */
export type ResultsFile = LinesFile<ResultLine | FailureLine>;

/**
 * Removes lines and a torn last line. At every moment the file is the old or the new one.
 *
 * @param read the bytes of the file when the caller decided which lines go.
 * @returns the bytes of the new file.
 * @throws RunError `cannot-write`, also where another program has changed the file since it was read.
 */
export async function dropLines(
  file: string,
  numbers: ReadonlySet<number>,
  read: ByteDigest,
): Promise<ByteDigest> {
  const again = createByteDigest();
  const kept = createByteDigest();
  await guardWrite(file, () =>
    writeWhole(file, async (part) => {
      for await (const { text, number, torn } of readRows(file, again)) {
        if (torn > 0 || numbers.has(number)) continue;
        const bytes = Buffer.from(`${text}\n`);
        await part.appendFile(bytes);
        kept.add(bytes);
      }
      if (!again.equals(read)) throw changedMeanwhile(file, 'its lines changed');
      await part.sync();
    }),
  );
  return kept;
}

/** Removes a torn last line, so that lines can be appended. */
export async function dropTornLine(file: string): Promise<void> {
  const read = createByteDigest();
  let isTorn = false;
  for await (const { torn } of readRows(file, read)) isTorn = torn > 0;
  if (isTorn) await dropLines(file, new Set(), read);
}
