import { convertModel, type ConvertProgress, type ConvertResult } from '@gradcam/converter/node';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { parseDtype } from '../../conversion/dtype.ts';
import { keepStated } from '../../conversion/keep-stated.ts';
import { printConversion } from '../../conversion/print-conversion.ts';
import { probeConversion } from '../../conversion/probe-conversion.ts';
import { CommandError, exitCodes } from '../../exit-codes.ts';
import { findWordNet } from '../../models/word-nets.ts';
import type { ByteProgress } from '../../terminal/byte-progress.ts';
import type { Terminal } from '../../terminal/messages.ts';

const DESCRIPTION_FILE = 'gradcam.json';

/** The flags of `gradcam fetch` that matter for such a net. */
export interface WordNetFlags {
  readonly models: string;
  readonly dtype: string;
  readonly source?: string;
  readonly probe: boolean;
}

/** What the work needs besides the flags. */
export interface WordNetWork {
  readonly signal: AbortSignal;
  readonly progress: ByteProgress;
  readonly terminal: Terminal;
}

/**
 * Puts a demo net for words into the folder of models: the file of Keras is converted, as `gradcam convert`
 * does it, and the ONNX file is copied. Both get their description beside them.
 *
 * @returns the net's folder.
 * @throws CommandError 64 for flags that mean nothing for such a net; errors of `convertModel`.
 */
export async function fetchWordNet(
  id: string,
  flags: WordNetFlags,
  work: WordNetWork,
): Promise<string> {
  if (flags.source !== undefined) {
    throw new CommandError(
      exitCodes.usage,
      `--source replaces weights that are converted for a known net, and ${id} is a whole model; give your own file to --model, or to gradcam convert`,
    );
  }
  const source = findWordNet(id);
  const folder = path.join(flags.models, id);
  if (source.endsWith('.onnx')) {
    if (flags.dtype !== 'float32') {
      throw new CommandError(
        exitCodes.usage,
        `--dtype: ${id} is an ONNX file, which is copied as it is; leave --dtype out`,
      );
    }
    await copyNet(source, folder);
    return folder;
  }
  await convertNet(id, source, folder, flags, work);
  return folder;
}

async function convertNet(
  id: string,
  source: string,
  folder: string,
  flags: WordNetFlags,
  { signal, progress, terminal }: WordNetWork,
): Promise<void> {
  const dtype = parseDtype(flags.dtype);
  const convertTo = (out: string, as: typeof dtype): Promise<ConvertResult> =>
    convertModel({
      ...{ source, out, dtype: as, id, signal },
      onProgress: ({ stage, doneBytes, totalBytes }: ConvertProgress) =>
        progress.update(stage, doneBytes, totalBytes),
    });
  const result = await convertTo(folder, dtype);
  progress.stop();
  printConversion(result, terminal);
  await keepStated(folder, source, {}, {}, terminal);
  if (flags.probe) await probeConversion(result, dtype, convertTo, terminal);
}

/** The description comes first, so that the net is never there without it. One of the user's stays. */
async function copyNet(source: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const beside = path.dirname(source);
  const names = existsSync(path.join(folder, DESCRIPTION_FILE)) ? [] : [DESCRIPTION_FILE];
  for (const name of [...names, path.basename(source)]) {
    // A file gets its name when it is complete.
    const part = path.join(folder, `.${name}.${process.pid}`);
    await copyFile(path.join(beside, name), part);
    await rename(part, path.join(folder, name));
  }
}
