import { classifyError } from './classify-error.ts';
import { exitCodes } from './exit-codes.ts';
import { runProgram } from './program.ts';
import { watchOutput } from './terminal/output-closed.ts';

watchOutput();

try {
  process.exitCode = await runProgram(process.argv.slice(2));
} catch (error) {
  const code = classifyError(error);
  const debug = process.argv.includes('--debug');
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  process.stderr.write(`gradcam: ${code === null || debug ? (stack ?? message) : message}\n`);
  process.exitCode = code ?? exitCodes.internal;
}
