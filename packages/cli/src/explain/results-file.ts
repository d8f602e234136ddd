import { parseResult, type FailureLine, type ResultLine } from '@gradcam/core';
import { createReadStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { guardWrite } from './run-directory.ts';

type Line = ResultLine | FailureLine;

const NEWLINE = 0x0a;

/** `results.jsonl` while lines are added. */
export interface ResultsFile {
  /** Adds a line, whole or not at all; call it when all files of the line are written. */
  append(line: Line): Promise<void>;
  close(): Promise<void>;
}

/** Opens the file for adding, and makes it where it is not there. */
export async function openResults(file: string): Promise<ResultsFile> {
  const handle = await guardWrite(file, () => open(file, 'a'));
  let { size } = await handle.stat();
  return {
    append: (line) =>
      guardWrite(file, async () => {
        const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
        try {
          await handle.appendFile(bytes);
        } catch (error) {
          // A full disk takes a part of a line: what was whole before stays the end.
          await handle.truncate(size).catch(() => {});
          throw error;
        }
        size += bytes.byteLength;
      }),
    close: () => handle.close(),
  };
}

/** A row of the file, read but not judged. */
interface Row {
  /** Of a torn one what is there. */
  readonly text: string;
  /** From 1. */
  readonly number: number;
  /** Bytes of a last row without its end, which a killed run leaves; 0 for a whole one. */
  readonly torn: number;
}

/** Reads the rows one after the other, however long the file is. */
async function* readRows(file: string): AsyncGenerator<Row> {
  let rest: Buffer[] = [];
  let number = 0;
  for await (const chunk of createReadStream(file, { highWaterMark: 2 ** 20 })) {
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
 * @throws GradcamError `argument` naming the first other line that is no result.
 */
export async function scanResults(
  file: string,
  each: (line: Line, number: number) => void,
): Promise<{ torn: number }> {
  for await (const { text, number, torn } of readRows(file)) {
    if (torn > 0) return { torn };
    each(parseResult(text, number), number);
  }
  return { torn: 0 };
}

/**
 * The lines of a run one after the other, so that a run of any length can be read; a torn last one is
 * passed over.
 *
 * @throws GradcamError `argument` naming the first other line that is no result.
 */
export async function* readResults(file: string): AsyncGenerator<Line, void> {
  for await (const { text, number, torn } of readRows(file)) {
    try {
      yield parseResult(text, number);
    } catch (error) {
      if (torn === 0) throw error;
    }
  }
}

/** Takes lines and a torn last one out; the file is the old or the new one at every moment. */
export async function dropLines(file: string, numbers: ReadonlySet<number>): Promise<void> {
  const part = `${file}.part`;
  await guardWrite(part, async () => {
    const target = await open(part, 'w');
    try {
      for await (const { text, number, torn } of readRows(file)) {
        if (torn === 0 && !numbers.has(number)) await target.appendFile(`${text}\n`);
      }
      await target.sync();
      await target.close();
      await rename(part, file);
    } catch (error) {
      await target.close().catch(() => {});
      await rm(part, { force: true });
      throw error;
    }
  });
}
