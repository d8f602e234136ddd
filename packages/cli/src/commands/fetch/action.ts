import {
  DEFAULT_MODELS,
  DEMO_MODELS,
  PUBLISHED_MODELS,
  type WeightDType,
} from '@gradcam/converter';
import { fetchAndConvert, type ConvertResult, type FetchProgress } from '@gradcam/converter/node';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { classifyError } from '../../classify-error.ts';
import { parseDtype } from '../../conversion/dtype.ts';
import { printConversion } from '../../conversion/print-conversion.ts';
import { probeConversion } from '../../conversion/probe-conversion.ts';
import { CommandError, exitCodes, type ExitCode } from '../../exit-codes.ts';
import { abortOnSignals, type SignalGuard } from '../../terminal/abort-on-signals.ts';
import { startByteProgress } from '../../terminal/byte-progress.ts';
import { quoteForShell } from '../../terminal/quote-for-shell.ts';
import { createTerminal, type Terminal } from '../../terminal/messages.ts';
import { wordNetIds } from '../../models/word-nets.ts';
import { fetchWordNet } from './fetch-word-net.ts';

export interface FetchFlags {
  readonly models: string;
  readonly dtype: string;
  readonly source?: string;
  readonly cache?: string;
  readonly offline?: boolean;
  readonly probe: boolean;
  readonly quiet?: boolean;
  readonly debug?: boolean;
}

/**
 * `gradcam fetch` downloads published weights and converts them to model folders. A model that fails does
 * not stop the others.
 */
export async function runFetch(given: readonly string[], flags: FetchFlags): Promise<ExitCode> {
  const terminal = createTerminal(flags);
  const ids = given.length > 0 ? given : DEFAULT_MODELS;
  if (flags.source !== undefined && ids.length !== 1) {
    throw new CommandError(
      exitCodes.usage,
      `--source replaces the address of one model, so it needs exactly one id; got ${ids.length}`,
    );
  }
  announceSizes(ids, flags, terminal);
  const guard = abortOnSignals(() => terminal.warn('stopping; what is already downloaded is kept'));
  let worst: ExitCode = exitCodes.done;
  try {
    for (const id of ids) {
      if (guard.signal.aborted) break;
      try {
        const folder = await fetchModel(id, flags, guard, terminal);
        terminal.out(folder);
        suggestScene(id, folder, terminal);
      } catch (error) {
        if (guard.signal.aborted) break;
        const code = classifyError(error);
        if (code === null) throw error;
        terminal.warn(`${id}: ${(error as Error).message}`);
        worst = code;
      }
    }
  } finally {
    guard.release();
  }
  return guard.exitCode() ?? worst;
}

/** What to ask each demo net about the scene. */
const trials: Readonly<Record<string, string>> = {
  ...Object.fromEntries(DEMO_MODELS.map(({ id }) => [id, '--target cat'])),
  'demo-vqa': '--ask "what is left of the dog?"',
  'demo-caption': '--caption',
};

/** Says how a demo net is tried, with the scene that the published command brings. */
function suggestScene(id: string, folder: string, terminal: Terminal): void {
  const here = path.dirname(fileURLToPath(import.meta.url));
  const scene = path.join(here, '../demo/scenes/cat-and-dog.png');
  const flags = trials[id];
  if (flags === undefined || !existsSync(scene)) return;
  const [image, model] = [path.relative('', scene), folder].map(quoteForShell);
  terminal.note(`try it: npx gradcam explain ${image} --model ${model} ${flags}`);
}

/** Returns the model's folder. */
async function fetchModel(
  id: string,
  flags: FetchFlags,
  guard: SignalGuard,
  terminal: Terminal,
): Promise<string> {
  const progress = startByteProgress(terminal);
  if (wordNetIds.includes(id)) {
    const { signal } = guard;
    try {
      return await fetchWordNet(id, flags, { signal, progress, terminal });
    } finally {
      progress.stop();
    }
  }
  const dtype = parseDtype(flags.dtype);
  const fetchTo = (outDirectory: string, as: WeightDType): Promise<ConvertResult> =>
    fetchAndConvert({
      model: id,
      outDirectory,
      dtype: as,
      source: flags.source,
      cacheDirectory: flags.cache,
      offline: flags.offline,
      signal: guard.signal,
      onNotice: (notice) => terminal.warn(notice),
      onProgress: ({ stage, doneBytes, totalBytes }: FetchProgress) =>
        progress.update(stage, doneBytes, totalBytes ?? doneBytes),
    });
  try {
    const result = await fetchTo(flags.models, dtype);
    progress.stop();
    printConversion(result, terminal);
    if (flags.probe) await probeConversion(result, dtype, fetchTo, terminal);
    return result.directory;
  } finally {
    progress.stop();
  }
}

function announceSizes(ids: readonly string[], flags: FetchFlags, terminal: Terminal): void {
  if (flags.source !== undefined) return;
  for (const id of ids) {
    const published = PUBLISHED_MODELS.find((model) => model.id === id);
    if (published === undefined) continue;
    const megabytes = Math.round((published.byteLength ?? published.approximateBytes) / 1e6);
    terminal.note(`${id}: about ${megabytes} MB to download`);
  }
}
