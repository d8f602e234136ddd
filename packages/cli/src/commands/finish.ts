import type { ExitCode } from '../exit-codes.ts';

/** Receives the exit code of the command that ran. */
export type Finish = (code: ExitCode) => void;
