import { createReadStream } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { RunError } from '../run-error.ts';
import { createByteDigest, type ByteDigest } from './byte-digest.ts';
import { guardWrite } from './run-directory.ts';
import { writeWholeAmongOthers } from './write-whole.ts';

const READ_BYTES = 2 ** 20;

/** A file with a JSON object in each line, while lines are appended to it. */
export interface LinesFile<Line> {
  /**
   * Appends a line, whole or not at all. The caller has written all files of the line before.
   *
   * @throws RunError `cannot-write` where the line cannot be appended, or another program changed the file.
   */
  append(line: Line): Promise<void>;
  /**
   * Reads the file again and compares every byte: only then may its writer state that the work is done.
   *
   * @throws RunError `cannot-write` where the file was removed, replaced or changed by another program.
   */
  verify(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens the file for appending, and creates it where it does not exist.
 *
 * @param own the bytes that the caller has read or written. Where the file has others by now, appending and
 *   verifying throw.
 */
export async function openLines<Line>(file: string, own: ByteDigest): Promise<LinesFile<Line>> {
  // Lines are read back through the handle too, so it opens the file for reading and appending.
  const handle = await guardWrite(file, () => open(file, 'a+'));
  return {
    async append(line) {
      await checkSize(file, handle, own.size);
      const bytes = toBytes(line);
      await guardWrite(file, async () => {
        try {
          await handle.appendFile(bytes);
        } catch (error) {
          // A full disk takes a part of the line. The file ends again with the last whole line.
          await handle.truncate(own.size).catch(() => {});
          throw error;
        }
      });
      own.add(bytes);
      // A program that cut the file between the check and the write may have left half a line, and the new
      // line would continue it: the two together could not be read again.
      await checkSize(file, handle, own.size).catch(async (error: unknown) => {
        await takeBack(handle, bytes).catch(() => {});
        throw error;
      });
    },
    async verify() {
      await checkSize(file, handle, own.size);
      const found = await guardWrite(file, () => digestStart(file, own.size));
      if (!found.equals(own)) throw changedMeanwhile(file, 'its lines changed');
    },
    close: () => handle.close(),
  };
}

/**
 * Writes these lines in place of the file, and opens it for appending. At every moment the file is the old or
 * the new one.
 *
 * @throws RunError `cannot-write`.
 */
export async function replaceLines<Line>(
  file: string,
  lines: Iterable<Line>,
): Promise<LinesFile<Line>> {
  const own = createByteDigest();
  await guardWrite(file, () =>
    writeWholeAmongOthers(file, async (part) => {
      for (const line of lines) {
        const bytes = toBytes(line);
        await part.appendFile(bytes);
        own.add(bytes);
      }
    }),
  );
  return openLines(file, own);
}

/** Error for a file that has other bytes than this process read or wrote. */
export function changedMeanwhile(file: string, what: string): RunError {
  return new RunError(
    'cannot-write',
    `${file}: another program changed it while it was being written (${what}), so results are lost; --resume makes them again`,
  );
}

function toBytes(line: unknown): Buffer {
  return Buffer.from(`${JSON.stringify(line)}\n`);
}

/** The bytes that were written through the handle must be visible under the file's name. */
async function checkSize(file: string, handle: FileHandle, size: number): Promise<void> {
  const found = await stat(file).catch(() => null);
  if (found?.size === size) return;
  const isReplaced = found !== null && found.ino !== (await handle.stat()).ino;
  const what =
    found === null
      ? 'it was removed'
      : isReplaced
        ? 'another file is in its place'
        : `it has ${found.size} bytes instead of ${size}`;
  throw changedMeanwhile(file, what);
}

/** Removes a line that was appended, if the file still ends with it. */
async function takeBack(handle: FileHandle, line: Buffer): Promise<void> {
  const start = (await handle.stat()).size - line.byteLength;
  if (start < 0) return;
  const { buffer } = await handle.read(Buffer.alloc(line.byteLength), 0, line.byteLength, start);
  if (buffer.equals(line)) await handle.truncate(start);
}

/** Digest of the first `size` bytes of a file. */
async function digestStart(file: string, size: number): Promise<ByteDigest> {
  const digest = createByteDigest();
  if (size === 0) return digest;
  const bytes = createReadStream(file, { end: size - 1, highWaterMark: READ_BYTES });
  for await (const chunk of bytes) digest.add(chunk as Buffer);
  return digest;
}
