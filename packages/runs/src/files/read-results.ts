import { isGradcamError, parseResult, type FailureLine, type ResultLine } from '@gradcam/core';
import { createReadStream } from 'node:fs';
import path from 'node:path';
import { isRunError, RunError } from '../run-error.ts';
import { kindOfPlace } from './find-run-file.ts';

type Line = ResultLine | FailureLine;

const NEWLINE = 0x0a;
const READ_BYTES = 2 ** 20;

/** A line of ours has some kilobytes, with large masks some megabytes; V8 has no texts above 512 MiB. */
const MAX_LINE_BYTES = 2 ** 28;

/** A row of the file, read but not judged. */
export interface Row {
  /** Of a torn one what is there. */
  readonly text: string;
  /** From 1. */
  readonly number: number;
  /** Bytes of a last row without its end, which a killed run leaves; 0 for a whole one. */
  readonly torn: number;
}

/**
 * Reads the rows one after the other, however long the file is.
 *
 * @throws RunError `data` for what is not a plain file, or a row that is too long.
 */
export async function* readRows(file: string): AsyncGenerator<Row> {
  // A pipe or a device would be read without end.
  if ((await kindOfPlace(file)) !== 'file') throw damaged(file, 'is not a plain file');
  let rest: Buffer[] = [];
  let number = 0;
  let held = 0;
  for await (const chunk of createReadStream(file, { highWaterMark: READ_BYTES })) {
    const bytes = chunk as Buffer;
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
 * Reads the lines of a run that is not written at the moment.
 *
 * @param each gets a line and its number, from 1.
 * @returns the bytes of a torn last line; 0 where the end is whole.
 * @throws RunError `data` naming the first other line that is no result, and its field.
 */
export async function scanResults(
  file: string,
  each: (line: Line, number: number) => void,
): Promise<{ torn: number }> {
  for await (const row of readRows(file)) {
    if (row.torn > 0) return { torn: row.torn };
    each(parseRow(file, row), row.number);
  }
  return { torn: 0 };
}

/**
 * The lines of a run one after the other, so that a run of any length can be read; a torn last one is
 * passed over.
 *
 * @param onBroken gets the reason for each line that is no result, and the others go on; by default such a
 *   line is an error.
 * @throws RunError `data` naming the first other line that is no result, and its field.
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
