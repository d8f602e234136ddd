import { toPrintable } from '@gradcam/core';

/** Where the command writes: results to `out`, everything else to `err`. */
export interface Terminal {
  /** A line of what was asked for. */
  out(line: string): void;
  /** A message for people; nothing with `--quiet`. */
  note(line: string): void;
  /** A warning or error, also with `--quiet`. */
  warn(line: string): void;
  /** Only with `--debug`. */
  debug(line: string): void;
  /** Whether messages go to a terminal, where progress may be drawn. */
  readonly isInteractive: boolean;
}

/** The process's own streams. */
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
