import { toPrintable } from '@gradcam/core';
import { classifyError } from './classify-error.ts';
import { exitCodes } from './exit-codes.ts';
import { runProgram } from './program.ts';
import { watchOutput } from './terminal/output-closed.ts';

/** Runs the command line of this process. An error is printed as one line and sets the exit code. */
export async function runCommandLine(): Promise<void> {
  watchOutput();
  try {
    process.exitCode = await runProgram(process.argv.slice(2));
  } catch (error) {
    const code = classifyError(error);
    const debug = process.argv.includes('--debug');
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    const text = code === null || debug ? (stack ?? message) : toPrintable(message);
    process.stderr.write(`gradcam: ${text}\n`);
    process.exitCode = code ?? exitCodes.internal;
  }
}
