import type { FailureLine, ResultLine } from '@gradcam/core';
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { RunError } from '../run-error.ts';
import { readRows } from './read-results.ts';
import { writeWhole } from './write-whole.ts';
import { guardWrite } from './run-directory.ts';

type Line = ResultLine | FailureLine;

const READ_BYTES = 2 ** 20;

/** `results.jsonl` of a run that is being written. */
export interface ResultsFile {
  /**
   * Appends a line, whole or not at all. The caller has written all files of the line before.
   *
   * @throws RunError `cannot-write` where the line cannot be appended, or another program changed the file.
   */
  append(line: Line): Promise<void>;
  /**
   * Reads the file again and compares every byte: only then may a run state that it is done.
   *
   * @throws RunError `cannot-write` where the file was removed, replaced or changed by another program.
   */
  verify(): Promise<void>;
  close(): Promise<void>;
}

/** Opens the file for appending, and creates it where it does not exist. */
export async function openResults(file: string): Promise<ResultsFile> {
  // Lines are read back through the handle too, so it opens the file for reading and appending.
  const handle = await guardWrite(file, () => open(file, 'a+'));
  const own = createHash('sha256');
  let { size } = await handle.stat();
  if (size > 0) await hashInto(own, file, size);
  /** The bytes that were written through the handle must be visible under the file's name. */
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
      const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
      await guardWrite(file, async () => {
        try {
          await handle.appendFile(bytes);
        } catch (error) {
          // A full disk takes a part of the line. The file ends again with the last whole line.
          await handle.truncate(size).catch(() => {});
          throw error;
        }
      });
      size += bytes.byteLength;
      own.update(bytes);
      // A program that cut the file between the check and the write may have left half a line, and the new
      // line would continue it: the two together could not be read again.
      await checkSize().catch(async (error: unknown) => {
        await takeBack(handle, bytes).catch(() => {});
        throw error;
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

/** Removes a line that was appended, if the file still ends with it. */
async function takeBack(handle: FileHandle, line: Buffer): Promise<void> {
  const start = (await handle.stat()).size - line.byteLength;
  if (start < 0) return;
  const { buffer } = await handle.read(Buffer.alloc(line.byteLength), 0, line.byteLength, start);
  if (buffer.equals(line)) await handle.truncate(start);
}

/** Adds the first `size` bytes of a file to a hash. */
async function hashInto(hash: Hash, file: string, size: number): Promise<void> {
  if (size === 0) return;
  const bytes = createReadStream(file, { end: size - 1, highWaterMark: READ_BYTES });
  for await (const chunk of bytes) hash.update(chunk as Buffer);
}

function lost(file: string, what: string): RunError {
  return new RunError(
    'cannot-write',
    `${file}: another program changed it while this run was writing (${what}), so results are lost; --resume makes them again`,
  );
}

/** Removes lines and a torn last line. At every moment the file is the old or the new one. */
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

/** Removes a torn last line, so that lines can be appended. */
export async function dropTornLine(file: string): Promise<void> {
  for await (const { torn } of readRows(file)) if (torn > 0) await dropLines(file, new Set());
}
