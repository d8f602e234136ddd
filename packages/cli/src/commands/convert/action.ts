import type { WeightDType } from '@gradcam/converter';
import type { ModelOverrides } from '@gradcam/core';
import { isWebAddress } from '@gradcam/runs';
import {
  convertModel,
  identifyTensorFlow,
  isKerasPath,
  isTorchPath,
  listSourceFiles,
  type ConvertProgress,
  type ConvertResult,
  type TransferProgress,
} from '@gradcam/converter/node';
import { CommandError, exitCodes, type ExitCode } from '../../exit-codes.ts';
import { checkStated, checkWritten, keepStated } from '../../conversion/keep-stated.ts';
import { describePixels, squareOf } from '../../conversion/state-input.ts';
import { printConversion } from '../../conversion/print-conversion.ts';
import { parseDtype } from '../../conversion/dtype.ts';
import { probeConversion } from '../../conversion/probe-conversion.ts';
import { withDownload } from '../../models/download-model.ts';
import { parseModelFlags, type ModelFlags } from '../../models/model-flags.ts';
import { abortOnSignals } from '../../terminal/abort-on-signals.ts';
import { startByteProgress, type ByteProgress } from '../../terminal/byte-progress.ts';
import { createTerminal, type Terminal } from '../../terminal/messages.ts';

export interface ConvertFlags extends Pick<
  ModelFlags,
  'labels' | 'inputRange' | 'inputSize' | 'mean' | 'std' | 'channels'
> {
  readonly arch?: string;
  readonly head?: string;
  readonly signature?: string;
  readonly output?: string;
  readonly dtype: string;
  readonly out: string;
  readonly id?: string;
  readonly probe: boolean;
  readonly quiet?: boolean;
  readonly debug?: boolean;
}

/**
 * `gradcam convert`: converts one weight file, archive or model of Keras or TensorFlow to a model folder. It
 * takes a path, or a web address of a file.
 */
export async function runConvert(given: string, flags: ConvertFlags): Promise<ExitCode> {
  const terminal = createTerminal(flags);
  const { labels, inputRange, inputSize, mean, std, channels } = flags;
  const stated = await parseModelFlags({ labels, inputRange, inputSize, mean, std, channels });
  const dtype = parseDtype(flags.dtype);
  const guard = abortOnSignals(() => terminal.warn('stopping; nothing is left half-written'));
  const progress = startByteProgress(terminal);
  const work: Work = { flags, stated, dtype, terminal, progress, signal: guard.signal };
  try {
    if (!isWebAddress(given)) return await convertFile(given, undefined, work);
    const onProgress = ({ doneBytes, totalBytes }: TransferProgress): void =>
      progress.update('download', doneBytes, totalBytes ?? doneBytes);
    return await withDownload(given, terminal, { signal: guard.signal, onProgress }, (file) =>
      convertFile(file, given, work),
    );
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

interface Work {
  readonly flags: ConvertFlags;
  readonly stated: ModelOverrides;
  readonly dtype: WeightDType;
  readonly terminal: Terminal;
  readonly progress: ByteProgress;
  readonly signal: AbortSignal;
}

/** @param uri the web address of the source; undefined for a file of this machine. */
async function convertFile(
  source: string,
  uri: string | undefined,
  { flags, stated, dtype, terminal, progress, signal }: Work,
): Promise<ExitCode> {
  // A file that does not exist is said to be missing, with similar names, before its flags are judged.
  await listSourceFiles(source);
  const kind = await identifyTensorFlow(source);
  checkGraphFlags(source, kind, flags);
  const isKeras = await isKerasPath(source);
  const isTorch = !isKeras && (await isTorchPath(source));
  const size = isTorch ? squareOf(stated, source) : undefined;
  if (!isTorch && stated.inputSize !== undefined) {
    throw new CommandError(
      exitCodes.usage,
      `${source} is no file of PyTorch, and only its nets take --input-size here`,
    );
  }
  if (!isTorch && flags.head !== undefined) {
    throw new CommandError(
      exitCodes.usage,
      `--head names the modules of the head of a net of PyTorch, and ${source} is no file of PyTorch; leave it out`,
    );
  }
  const isWhole = isKeras || kind !== null;
  if (!isWhole && !isTorch && Object.keys(stated).length > 0) {
    throw new CommandError(
      exitCodes.usage,
      `${source} is no model of Keras, PyTorch or TensorFlow, and only such a model needs --labels, --input-range, --mean, --std or --channels here; give them to explain, or to describe --write`,
    );
  }
  const convertTo = (out: string, as: WeightDType): Promise<ConvertResult> =>
    convertModel({
      source,
      architecture: flags.arch,
      out,
      dtype: as,
      signal,
      onProgress: ({ stage, doneBytes, totalBytes }: ConvertProgress) =>
        progress.update(stage, doneBytes, totalBytes),
      id: flags.id,
      signature: flags.signature,
      outputs: flags.output?.split(','),
      uri,
      onModel: (model) => checkStated(model, flags, stated),
      ...(kind !== null && { onWritten: (folder) => checkWritten(folder, flags, stated) }),
      ...(isTorch && {
        size,
        head: flags.head,
        labels: stated.classNames?.labels,
        input: describePixels(stated),
      }),
    });
  const result = await convertTo(flags.out, dtype);
  progress.stop();
  printConversion(result, terminal);
  const isExplained = !isWhole || (await keepStated(flags.out, source, flags, stated, terminal));
  if (flags.probe && isExplained) await probeConversion(result, dtype, convertTo, terminal);
  terminal.out(flags.out);
  return exitCodes.done;
}

/** @throws CommandError 64 for a flag that says nothing about such a source. */
function checkGraphFlags(
  source: string,
  kind: Awaited<ReturnType<typeof identifyTensorFlow>>,
  { signature, output }: ConvertFlags,
): void {
  if (signature !== undefined && kind !== 'saved-model') {
    throw new CommandError(
      exitCodes.usage,
      `--signature chooses one of a SavedModel, and ${source} is none; leave it out`,
    );
  }
  if (output !== undefined && kind !== 'frozen-graph') {
    throw new CommandError(
      exitCodes.usage,
      `--output names the outputs of a frozen graph (.pb), and ${source} is none; leave it out, or give it to explain`,
    );
  }
}
