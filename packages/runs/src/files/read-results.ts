import { isGradcamError, parseResult, type FailureLine, type ResultLine } from '@gradcam/core';
import { createReadStream } from 'node:fs';
import path from 'node:path';
import { isRunError, RunError } from '../run-error.ts';
import { createByteDigest, type ByteDigest } from './byte-digest.ts';
import { kindOfPlace } from './find-run-file.ts';

type Line = ResultLine | FailureLine;

const NEWLINE = 0x0a;
const READ_BYTES = 2 ** 20;

/**
 * The longest row that is read. The rows of a run take some kilobytes, or some megabytes with large masks.
 * V8 has no strings above 512 MiB.
 */
const MAX_LINE_BYTES = 2 ** 28;

/** A row of the file, read but not parsed. */
export interface Row {
  /** The text without its line break; for a torn row, the part that exists. */
  readonly text: string;
  /** Number of the row, from 1. */
  readonly number: number;
  /** Bytes of a last row that a killed run left without its end; 0 for a whole row. */
  readonly torn: number;
}

/**
 * Reads the rows one after the other, so that a file of any length can be read.
 *
 * @param digest gets every byte of the file, line breaks included.
 * @throws RunError `data` for anything but a plain file, and for a row that is too long.
 */
export async function* readRows(file: string, digest?: ByteDigest): AsyncGenerator<Row> {
  // A pipe or a device may never end.
  if ((await kindOfPlace(file)) !== 'file') throw damaged(file, 'is not a plain file');
  let rest: Buffer[] = [];
  let number = 0;
  let held = 0;
  for await (const chunk of createReadStream(file, { highWaterMark: READ_BYTES })) {
    const bytes = chunk as Buffer;
    digest?.add(bytes);
    let from = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, from)) {
      const text = Buffer.concat([...rest, bytes.subarray(from, end)]).toString('utf8');
      rest = [];
      from = end + 1;
      number += 1;
      if (text !== '') yield { text, number, torn: 0 };
    }
    if (from < bytes.byteLength) rest.push(bytes.subarray(from));
    held = rest.reduce((sum, { byteLength }) => sum + byteLength, 0);
    if (held > MAX_LINE_BYTES) {
      throw damaged(file, `line ${number + 1} has more than ${MAX_LINE_BYTES} bytes`);
    }
  }
  const last = Buffer.concat(rest);
  if (last.byteLength > 0) {
    yield { text: last.toString('utf8'), number: number + 1, torn: last.byteLength };
  }
}

/**
 * Reads the lines of a run that nobody is writing.
 *
 * @param each gets a line and its number, from 1.
 * @returns the number of bytes of a torn last line, 0 where the last line is whole; and the bytes that were
 *   read.
 * @throws RunError `data` that names the first whole line that is not a result, and its field.
 */
export async function scanResults(
  file: string,
  each: (line: Line, number: number) => void,
): Promise<{ torn: number; read: ByteDigest }> {
  const read = createByteDigest();
  let torn = 0;
  for await (const row of readRows(file, read)) {
    if (row.torn > 0) torn = row.torn;
    else each(parseRow(file, row), row.number);
  }
  return { torn, read };
}

/**
 * Yields the lines of a run one after the other, so that a run of any length can be read. It skips a torn
 * last line.
 *
 * @param onBroken gets the error for each whole line that is not a result, and reading goes on; by default
 *   the error is thrown.
 * @throws RunError `data` that names the first such line and its field.
 */
export async function* readResults(
  file: string,
  onBroken: (error: RunError) => void = (error) => {
    throw error;
  },
): AsyncGenerator<Line, void> {
  for await (const row of readRows(file)) {
    let line: Line;
    try {
      line = parseRow(file, row);
    } catch (error) {
      if (!isRunError(error)) throw error;
      if (row.torn === 0) onBroken(error);
      continue;
    }
    yield line;
  }
}

function parseRow(file: string, { text, number }: Row): Line {
  try {
    return parseResult(text, number);
  } catch (cause) {
    if (!isGradcamError(cause)) throw cause;
    const message = `${path.dirname(file)}: damaged run: ${cause.message}`;
    throw new RunError('data', message, { cause });
  }
}

function damaged(file: string, what: string): RunError {
  const message = `${path.dirname(file)}: damaged run: results.jsonl ${what}`;
  return new RunError('data', message);
}
