import type { WeightDType } from '@gradcam/converter';
import { convertModel, type ConvertProgress, type ConvertResult } from '@gradcam/converter/node';
import { exitCodes, type ExitCode } from '../../exit-codes.ts';
import { printConversion } from '../../conversion/print-conversion.ts';
import { parseDtype } from '../../conversion/dtype.ts';
import { probeConversion } from '../../conversion/probe-conversion.ts';
import { abortOnSignals } from '../../terminal/abort-on-signals.ts';
import { startByteProgress } from '../../terminal/byte-progress.ts';
import { createTerminal } from '../../terminal/messages.ts';

export interface ConvertFlags {
  readonly arch?: string;
  readonly dtype: string;
  readonly out: string;
  readonly id?: string;
  readonly probe: boolean;
  readonly quiet?: boolean;
  readonly debug?: boolean;
}

/** `gradcam convert`: converts one weight file or archive to a model folder. */
export async function runConvert(source: string, flags: ConvertFlags): Promise<ExitCode> {
  const terminal = createTerminal(flags);
  const guard = abortOnSignals(() => terminal.warn('stopping; nothing is left half-written'));
  const progress = startByteProgress(terminal);
  const dtype = parseDtype(flags.dtype);
  const convertTo = (out: string, as: WeightDType): Promise<ConvertResult> =>
    convertModel({
      source,
      architecture: flags.arch,
      out,
      dtype: as,
      signal: guard.signal,
      onProgress: ({ stage, doneBytes, totalBytes }: ConvertProgress) =>
        progress.update(stage, doneBytes, totalBytes),
      id: flags.id,
    });
  try {
    const result = await convertTo(flags.out, dtype);
    progress.stop();
    printConversion(result, terminal);
    if (flags.probe) await probeConversion(result, dtype, convertTo, terminal);
    terminal.out(flags.out);
    return exitCodes.done;
  } catch (error) {
    const interrupted = guard.exitCode();
    if (interrupted !== null && guard.signal.aborted && error === guard.signal.reason) {
      return interrupted;
    }
    throw error;
  } finally {
    progress.stop();
    guard.release();
  }
}
