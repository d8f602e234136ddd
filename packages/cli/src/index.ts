/**
 * The `gradcam` command as a function, for programs that start it without a process.
 *
 * @module
 */
export { createProgram, runProgram } from './program.ts';
export { exitCodes, type ExitCode } from './exit-codes.ts';
