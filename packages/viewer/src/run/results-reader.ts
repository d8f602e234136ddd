import { isGradcamError, parseResult, type FailureLine, type ResultLine } from '@gradcam/core';

type Line = ResultLine | FailureLine;

/** Reads a file from a byte on; null where there is none. */
export type ReadFrom = (offset: number) => Promise<FileRest | null>;

/** The rest of a file. */
export interface FileRest {
  readonly bytes: Uint8Array;
  /** Where `bytes` begins in the file: 0 from a server that sends only whole files. */
  readonly offset: number;
}

const NEWLINE = 0x0a;

/** The lines of a results file. */
export interface ReadLines {
  readonly lines: readonly Line[];
  /** Of each line that is no result, its number and what is wrong with it. */
  readonly leftOut: readonly string[];
}

/**
 * Reads a results file again and again as it grows, each line once. A line that is no result hides no
 * other: it is left out, and the reason is kept.
 *
 * A last line without its end counts where it is whole, and is read again with the next look.
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
    // Torn, or being written at this moment: not wrong yet.
    const last = parseRows([decode(rest.bytes.subarray(end))], rows);
    return { lines: lines.concat(last.lines), leftOut };
  };
}

/** @param before rows of the file before these. */
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
