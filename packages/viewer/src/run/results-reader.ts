import { isGradcamError, parseResult, type FailureLine, type ResultLine } from '@gradcam/core';

type Line = ResultLine | FailureLine;

/** Reads a file from a byte on. It returns null if the file does not exist. */
export type ReadFrom = (offset: number) => Promise<FileRest | null>;

/** The rest of a file. */
export interface FileRest {
  readonly bytes: Uint8Array;
  /** The place in the file where `bytes` begins. It is 0 if the server sends only whole files. */
  readonly offset: number;
}

const NEWLINE = 0x0a;

/** The lines of a results file. */
export interface ReadLines {
  readonly lines: readonly Line[];
  /** One text for each line that is not a result: its number and its fault. */
  readonly leftOut: readonly string[];
}

/**
 * Reads a results file repeatedly as it grows, each line once. A line that is not a result is left out with
 * its reason, and the other lines are still read.
 *
 * A last line without a line end counts if it is complete, and is read again by the next call.
 */
export function createResultsReader(readFrom: ReadFrom): () => Promise<ReadLines> {
  let lines: Line[] = [];
  let leftOut: string[] = [];
  let [consumed, rows] = [0, 0];
  return async () => {
    const rest = await readFrom(consumed);
    if (rest === null || rest.offset === 0) {
      [lines, leftOut] = [[], []];
      [consumed, rows] = [0, 0];
    }
    if (rest === null) return { lines, leftOut };
    const end = rest.bytes.lastIndexOf(NEWLINE) + 1;
    const whole = end === 0 ? [] : decode(rest.bytes.subarray(0, end - 1)).split('\n');
    const found = parseRows(whole, rows);
    lines = lines.concat(found.lines);
    leftOut = leftOut.concat(found.leftOut);
    consumed += end;
    rows += whole.length;
    // The last line may be incomplete because it is still being written, which is not an error.
    const last = parseRows([decode(rest.bytes.subarray(end))], rows);
    return { lines: lines.concat(last.lines), leftOut };
  };
}

/** @param before number of rows of the file before these. */
function parseRows(rows: readonly string[], before: number): { lines: Line[]; leftOut: string[] } {
  const lines: Line[] = [];
  const leftOut: string[] = [];
  rows.forEach((row, i) => {
    if (row === '') return;
    try {
      lines.push(parseResult(row, before + i + 1));
    } catch (error) {
      if (!isGradcamError(error)) throw error;
      leftOut.push(error.message);
    }
  });
  return { lines, leftOut };
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
