import { toPrintable } from '@gradcam/core';

/** Where the command writes: results to `out`, everything else to `err`. */
export interface Terminal {
  /** Prints a line of the result. */
  out(line: string): void;
  /** Prints a message for people; prints nothing with `--quiet`. */
  note(line: string): void;
  /** Prints a warning or an error, also with `--quiet`. */
  warn(line: string): void;
  /** Prints a line only with `--debug`. */
  debug(line: string): void;
  /** Whether messages go to a terminal, so that progress can be drawn. */
  readonly isInteractive: boolean;
}

/** Creates a terminal that writes to the process's own streams. */
export function createTerminal(options: { quiet?: boolean; debug?: boolean }): Terminal {
  const { quiet = false, debug = false } = options;
  return {
    out: (line) => void process.stdout.write(`${line}\n`),
    note: (line) => void (quiet || process.stderr.write(`${toPrintable(line)}\n`)),
    warn: (line) => void process.stderr.write(`gradcam: ${toPrintable(line)}\n`),
    debug: (line) => void (debug && process.stderr.write(`debug: ${line}\n`)),
    isInteractive: process.stderr.isTTY === true && !quiet,
  };
}
