import { certainties, lineSelections } from '@gradcam/core';
import { findCacheDirectory } from '@gradcam/converter/node';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { CommandError, exitCodes, type ExitCode } from '../../exit-codes.ts';
import { choose } from '../../flags/choose.ts';
import { optional, parseCount } from '../../flags/flag-values.ts';
import { listModelFolders } from '../../models/model-folders.ts';
import type { ImageChoice } from './report/choose-images.ts';
import { exportEvaluation } from './report/export-evaluation.ts';
import { exportReport, printSizes } from './report/export-report.ts';
import { pictureFormats } from './report/picture-format.ts';
import { abortOnSignals } from '../../terminal/abort-on-signals.ts';
import { endAnyway } from '../../terminal/end-anyway.ts';
import { createTerminal } from '../../terminal/messages.ts';
import { serveRun } from './serve-run.ts';
import { listServedModels } from './served-models.ts';
import { suggestModels } from './suggest-models.ts';

export interface ViewFlags {
  readonly models?: string;
  readonly port?: string;
  readonly against?: string;
  readonly export?: string;
  readonly images?: string;
  readonly only?: string;
  readonly class?: string;
  readonly trueClass?: string;
  readonly certainty?: string;
  readonly limit?: string;
  readonly format?: string;
  readonly sizes?: boolean;
  readonly evaluation?: boolean;
  readonly debug?: boolean;
}

/** The most images in an exported file, which contains all their pictures, if `--limit` is not given. */
const DEFAULT_LIMIT = '100';

/** Whether a folder holds an evaluation of images that are no run. */
function isEvaluationOnly(folder: string): boolean {
  return (
    !existsSync(path.join(folder, 'run.json')) && existsSync(path.join(folder, 'evaluation.json'))
  );
}

function firstPage(run: string | undefined): string {
  if (run === undefined) return 'live.html';
  return isEvaluationOnly(run) ? 'evaluation.html' : '';
}

/** The flags that mean nothing without `--export`, by their names in {@link ViewFlags}. */
const exportFlags = {
  images: '--images',
  only: '--only',
  class: '--class',
  trueClass: '--true-class',
  certainty: '--certainty',
  limit: '--limit',
  format: '--format',
  sizes: '--sizes',
  evaluation: '--evaluation',
} as const;

/** @throws CommandError 64 for a flag that chooses images, which the page of an evaluation has all. */
function refuseChoice(flags: ViewFlags): void {
  for (const [name, flag] of Object.entries(exportFlags)) {
    if (['format', 'evaluation'].includes(name)) continue;
    if (flags[name as keyof typeof exportFlags] === undefined) continue;
    throw new CommandError(
      exitCodes.usage,
      `${flag} chooses among the images of a run, and the page of an evaluation has all; leave it out`,
    );
  }
}

function parseChoice(flags: ViewFlags): ImageChoice {
  return {
    filter: flags.images ?? '',
    only: choose('--only', flags.only ?? 'all', lineSelections),
    predicted: flags.class,
    truth: flags.trueClass,
    certainty: choose('--certainty', flags.certainty ?? 'any', certainties),
    limit: parseCount('--limit', flags.limit ?? DEFAULT_LIMIT),
  };
}

/**
 * `gradcam view`: serves the page, the models and, if one is given, a run, until Ctrl-C. With `--export` it
 * writes the run into one file instead.
 */
export async function runView(run: string | undefined, flags: ViewFlags): Promise<ExitCode> {
  const terminal = createTerminal(flags);
  if (flags.against !== undefined && run === undefined) {
    throw new CommandError(exitCodes.usage, '--against needs a run: gradcam view <run> --against');
  }
  for (const folder of [run, flags.against]) {
    if (folder === undefined || existsSync(path.join(folder, 'run.json'))) continue;
    if (folder === run && isEvaluationOnly(folder)) continue;
    throw new CommandError(exitCodes.noInput, `${folder}: no run here (no run.json)`);
  }
  const page = fileURLToPath(new URL('dist', import.meta.resolve('@gradcam/viewer/package.json')));
  if (!existsSync(path.join(page, 'index.html'))) {
    throw new CommandError(
      exitCodes.engineUnavailable,
      'the page is not built; run: npm run build',
    );
  }
  if (flags.export !== undefined) {
    if (run === undefined) {
      throw new CommandError(exitCodes.usage, '--export needs a run: gradcam view <run> --export');
    }
    if (flags.against !== undefined) {
      throw new CommandError(
        exitCodes.usage,
        '--export writes one run: leave out --against, or look at both without --export',
      );
    }
    const format = optional(flags.format, (value) => choose('--format', value, pictureFormats));
    if (flags.evaluation === true || isEvaluationOnly(run)) {
      refuseChoice(flags);
      await exportEvaluation(run, flags.export, format ?? 'kept', page, terminal);
      terminal.out(flags.export);
      return exitCodes.done;
    }
    const choice = parseChoice(flags);
    if (flags.sizes === true) {
      await printSizes(run, { choice, format }, page, terminal);
      return exitCodes.done;
    }
    await exportReport(run, flags.export, { choice, format: format ?? 'kept' }, page, terminal);
    terminal.out(flags.export);
    return exitCodes.done;
  }
  for (const [name, flag] of Object.entries(exportFlags)) {
    if (flags[name as keyof typeof exportFlags] === undefined) continue;
    throw new CommandError(
      exitCodes.usage,
      `${flag} says what --export writes; add --export <file>, or leave ${flag} out`,
    );
  }
  const guard = abortOnSignals(() => {});
  const port = optional(flags.port, (value) =>
    parseCount('--port', value, { least: 0, most: 65535 }),
  );
  const models = listModelFolders(flags.models);
  const found = await listServedModels(models);
  const thumbnails = path.join(findCacheDirectory(), 'thumbnails');
  const server = await serveRun({
    run,
    against: flags.against,
    models,
    thumbnails,
    page,
    signal: guard.signal,
    port,
  });
  terminal.out(`${server.url}${firstPage(run)}`);
  terminal.note(
    found.length === 0
      ? `no models to explain live in ${models.join(', ')}; get one with: npx gradcam fetch demo-resnet`
      : `models to explain live: ${found.map(({ id }) => id).join(', ')}`,
  );
  const suggestion = run === undefined ? null : await suggestModels(run, found);
  if (suggestion !== null) terminal.note(suggestion);
  terminal.note('serving to this machine only; Ctrl-C ends');
  // The signal may have come while the lines above ran.
  if (!guard.signal.aborted) {
    await new Promise((resolve) => guard.signal.addEventListener('abort', resolve, { once: true }));
  }
  endAnyway(guard.exitCode() === exitCodes.interrupted ? 'SIGINT' : 'SIGTERM');
  await server.close();
  guard.release();
  return exitCodes.done;
}
