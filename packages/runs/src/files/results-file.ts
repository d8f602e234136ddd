import type { FailureLine, ResultLine } from '@gradcam/core';
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { RunError } from '../run-error.ts';
import { readRows } from './read-results.ts';
import { writeWhole } from './write-whole.ts';
import { guardWrite } from './run-directory.ts';

type Line = ResultLine | FailureLine;

const READ_BYTES = 2 ** 20;

/** `results.jsonl` while lines are added. */
export interface ResultsFile {
  /**
   * Adds a line, whole or not at all; call it when all files of the line are written.
   *
   * @throws RunError `cannot-write` where it cannot be added, or the file is no longer what was written.
   */
  append(line: Line): Promise<void>;
  /**
   * Reads the file again: a run may say that it is done only while every byte is there.
   *
   * @throws RunError `cannot-write` where the file was removed, replaced or changed by another program.
   */
  verify(): Promise<void>;
  close(): Promise<void>;
}

/** Opens the file for adding, and makes it where it is not there. */
export async function openResults(file: string): Promise<ResultsFile> {
  const handle = await guardWrite(file, () => open(file, 'a'));
  const own = createHash('sha256');
  let { size } = await handle.stat();
  if (size > 0) await hashInto(own, file, size);
  /** What was added to the handle must show under the file's name. */
  const checkSize = async (): Promise<void> => {
    const found = await stat(file).catch(() => null);
    if (found?.size === size) return;
    const expected = await handle.stat();
    const isReplaced = found !== null && found.ino !== expected.ino;
    throw lost(
      file,
      found === null
        ? 'it was removed'
        : isReplaced
          ? 'another file is in its place'
          : `it has ${found.size} bytes instead of ${size}`,
    );
  };
  return {
    async append(line) {
      await checkSize();
      await guardWrite(file, async () => {
        const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
        try {
          await handle.appendFile(bytes);
        } catch (error) {
          // A full disk takes a part of a line: what was whole before stays the end.
          await handle.truncate(size).catch(() => {});
          throw error;
        }
        size += bytes.byteLength;
        own.update(bytes);
      });
    },
    async verify() {
      await checkSize();
      const found = createHash('sha256');
      await guardWrite(file, () => hashInto(found, file, size));
      if (found.digest('hex') !== own.copy().digest('hex')) throw lost(file, 'its lines changed');
    },
    close: () => handle.close(),
  };
}

/** The first `size` bytes of a file. */
async function hashInto(hash: Hash, file: string, size: number): Promise<void> {
  if (size === 0) return;
  const bytes = createReadStream(file, { end: size - 1, highWaterMark: READ_BYTES });
  for await (const chunk of bytes) hash.update(chunk as Buffer);
}

function lost(file: string, what: string): RunError {
  return new RunError(
    'cannot-write',
    `${file}: another program changed it while this run went on (${what}), so results are lost; --resume makes them again`,
  );
}

/** Takes lines and a torn last one out; the file is the old or the new one at every moment. */
export async function dropLines(file: string, numbers: ReadonlySet<number>): Promise<void> {
  await guardWrite(file, () =>
    writeWhole(file, async (part) => {
      for await (const { text, number, torn } of readRows(file)) {
        if (torn === 0 && !numbers.has(number)) await part.appendFile(`${text}\n`);
      }
      await part.sync();
    }),
  );
}
