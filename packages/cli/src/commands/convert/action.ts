import type { WeightDType } from '@gradcam/converter';
import {
  convertModel,
  isKerasPath,
  type ConvertProgress,
  type ConvertResult,
} from '@gradcam/converter/node';
import { CommandError, exitCodes, type ExitCode } from '../../exit-codes.ts';
import { keepStated } from '../../conversion/keep-stated.ts';
import { printConversion } from '../../conversion/print-conversion.ts';
import { parseDtype } from '../../conversion/dtype.ts';
import { probeConversion } from '../../conversion/probe-conversion.ts';
import { parseModelFlags, type ModelFlags } from '../../models/model-flags.ts';
import { abortOnSignals } from '../../terminal/abort-on-signals.ts';
import { startByteProgress } from '../../terminal/byte-progress.ts';
import { createTerminal } from '../../terminal/messages.ts';

export interface ConvertFlags extends Pick<
  ModelFlags,
  'labels' | 'inputRange' | 'mean' | 'std' | 'channels'
> {
  readonly arch?: string;
  readonly dtype: string;
  readonly out: string;
  readonly id?: string;
  readonly probe: boolean;
  readonly quiet?: boolean;
  readonly debug?: boolean;
}

/** `gradcam convert`: converts one weight file, archive or model of Keras to a model folder. */
export async function runConvert(source: string, flags: ConvertFlags): Promise<ExitCode> {
  const terminal = createTerminal(flags);
  const { labels, inputRange, mean, std, channels } = flags;
  const stated = await parseModelFlags({ labels, inputRange, mean, std, channels });
  const isKeras = await isKerasPath(source);
  if (!isKeras && Object.keys(stated).length > 0) {
    throw new CommandError(
      exitCodes.usage,
      `${source} is no model of Keras, and only such a model needs --labels, --input-range, --mean, --std or --channels here; give them to explain, or to describe --write`,
    );
  }
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
    const isExplained = !isKeras || (await keepStated(flags.out, source, flags, stated, terminal));
    if (flags.probe && isExplained) await probeConversion(result, dtype, convertTo, terminal);
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
