import { parseResults, type FailureLine, type ResultLine } from '@gradcam/core';

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

/**
 * Reads a results file again and again as it grows, each line once.
 *
 * A last line without its end counts where it is whole, and is read again with the next look.
 *
 * @throws GradcamError for a line that is not a result.
 */
export function createResultsReader(readFrom: ReadFrom): () => Promise<readonly Line[]> {
  let lines: Line[] = [];
  let consumed = 0;
  return async () => {
    const rest = await readFrom(consumed);
    if (rest === null || rest.offset === 0) {
      lines = [];
      consumed = 0;
    }
    if (rest === null) return lines;
    const end = rest.bytes.lastIndexOf(NEWLINE) + 1;
    lines = lines.concat(parseResults(decode(rest.bytes.subarray(0, end))).lines);
    consumed += end;
    return lines.concat(parseResults(decode(rest.bytes.subarray(end))).lines);
  };
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
