import type { ExitCode } from '../exit-codes.ts';

/** Takes the code that a command ends with. */
export type Finish = (code: ExitCode) => void;
