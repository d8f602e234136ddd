import {
  findMethod,
  findPreset,
  loadModel,
  mainHead,
  parseTarget,
  peerMethod,
  resolveLayer,
  type ExplainOptions,
  type Model,
  type RunFile,
} from '@gradcam/core';
import { openModelFolder } from '@gradcam/core/node';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { CommandError, exitCodes, type ExitCode } from '../exit-codes.ts';
import { classifyError } from '../classify-error.ts';
import { explainImage } from '../explain/explain-image.ts';
import { finishRun } from '../explain/finish-run.ts';
import { parseExplainFlags, type ExplainFlags, type ExplainSettings } from '../explain/flags.ts';
import { listImages } from '../explain/list-images.ts';
import { formatResult } from '../explain/print-result.ts';
import type { SaveSettings } from '../explain/picture-settings.ts';
import { createRunDirectory, type RunDirectory } from '../explain/run-directory.ts';
import { findModel } from '../models/find-model.ts';
import { openEngine } from '../models/open-engine.ts';
import { canSweep } from '../sweep/save-sweeps.ts';
import { abortOnSignals } from '../terminal/abort-on-signals.ts';
import { createTerminal, type Terminal } from '../terminal/messages.ts';
import { startProgress } from '../terminal/progress.ts';
import { listVersions } from '../versions.ts';

/** `gradcam explain`: images in, a run directory out. */
export async function runExplain(paths: readonly string[], flags: ExplainFlags): Promise<ExitCode> {
  const terminal = createTerminal(flags);
  const settings = await parseExplainFlags(flags);
  const images = await listImages(paths);
  const folder = findModel(flags.model, flags.models);
  const engine = await openEngine(settings.engine, terminal);
  const model = await loadModel(openModelFolder(folder), { engine, ...settings.model });
  try {
    checkRequest(model, settings.explain);
    checkPictures(settings.explain, settings.save, terminal);
    for (const assumption of model.assumptions) terminal.note(`assumed: ${assumption}`);
    const run = await createRunDirectory(flags.out);
    return await explainImages(images, model, folder, settings, run, flags, terminal);
  } finally {
    model.dispose();
  }
}

/** Wrong names are the user's fault and end the command before it has made anything. */
function checkRequest(model: Model, request: ExplainOptions): void {
  const preset = request.like === undefined ? null : findPreset(request.like);
  for (const name of request.methods ?? []) {
    const method = findMethod(name);
    if (preset !== null) peerMethod(preset, method.name);
  }
  for (const layer of request.layers ?? []) resolveLayer(model, layer);
  const classes = mainHead(model.network).classes;
  for (const target of request.targets ?? [])
    parseTarget(String(target), model.classNames, classes);
}

/** A run that could not end as it was asked to, or only in part. */
function checkPictures(
  { methods = [] }: ExplainOptions,
  { save, sheet, sweep }: SaveSettings,
  terminal: Terminal,
): void {
  if (sheet && !save.includes('overlay') && !save.includes('heatmap')) {
    throw new CommandError(exitCodes.usage, '--sheet needs --save overlay or heatmap');
  }
  if (!sweep) return;
  const left = methods.filter((name) => !canSweep(name));
  if (left.length === methods.length) {
    throw new CommandError(
      exitCodes.usage,
      `--sweep takes methods that one run gives at all layers, as grad-cam; got ${left.join(', ')}`,
    );
  }
  if (left.length > 0) terminal.note(`no sweep of ${left.join(', ')}: only of maps at a layer`);
}

async function explainImages(
  images: readonly string[],
  model: Model,
  modelFolder: string,
  settings: ExplainSettings,
  run: RunDirectory,
  flags: ExplainFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  const start = await describeRun(model, modelFolder, settings);
  await run.writeRun(start);
  const save = { ...settings.save, model: start.model };
  const guard = abortOnSignals(() => terminal.warn('finishing the image in hand (again to stop)'));
  const progress = startProgress(terminal, images.length, 'images');
  const failures: string[] = [];
  let done = 0;
  try {
    for (const image of images) {
      if (guard.signal.aborted) break;
      progress.update(done + failures.length, image);
      try {
        const onProgress = ({ done: runs, total }: { done: number; total: number }): void =>
          progress.update(done + failures.length, `${image} ${runs}/${total}`);
        const request = { ...settings.explain, onProgress };
        const line = await explainImage(image, model, request, save, run);
        await run.appendResult(line);
        done += 1;
        if (flags.json) terminal.out(JSON.stringify(line));
        else if (!flags.quiet) formatResult(line, flags.out).forEach((text) => terminal.out(text));
      } catch (error) {
        const message = describeImageFailure(error);
        failures.push(message);
        const line = { image, error: message };
        await run.appendResult(line);
        if (flags.json) terminal.out(JSON.stringify(line));
      }
    }
  } finally {
    progress.stop();
    guard.release();
  }
  const interrupted = guard.exitCode();
  if (interrupted === null) await finishRun(run, settings.save, terminal);
  await run.writeRun({
    ...start,
    status: interrupted === null ? 'done' : 'running',
    finishedAt: new Date().toISOString(),
    counts: { done, failed: failures.length },
  });
  for (const failure of failures) terminal.warn(failure);
  terminal.note(
    `${done} explained, ${failures.length} failed; look at them: npx gradcam view ${flags.out}`,
  );
  return interrupted ?? (failures.length > 0 ? exitCodes.someFailed : exitCodes.done);
}

/** Faults of one image are recorded and the others go on; whatever else is wrong ends the run. */
function describeImageFailure(error: unknown): string {
  const code = classifyError(error);
  if (code !== exitCodes.badData && code !== exitCodes.noInput) throw error;
  return (error as Error).message;
}

async function describeRun(
  model: Model,
  modelFolder: string,
  { explain, save, fit }: ExplainSettings,
): Promise<RunFile> {
  const digest = createHash('sha256');
  digest.update(await readFile(path.join(modelFolder, 'model.json')));
  return {
    schema: 1,
    status: 'running',
    startedAt: new Date().toISOString(),
    model: { id: model.id, path: modelFolder, digest: digest.digest('hex') },
    engine: model.engine,
    versions: listVersions(model.engine),
    settings: {
      methods: explain.methods ?? [],
      targets: (explain.targets ?? []).map(String),
      layers: explain.layers ?? [],
      save: save.save,
      colormap: save.colormap,
      alpha: save.alpha,
      fit: fit ?? model.input.fit,
      ...(save.overlay === 'blend' ? {} : { overlay: save.overlay }),
      ...(save.legend ? { legend: true } : {}),
      ...(save.box === 'paper' ? {} : { box: save.box }),
      ...(save.sweep ? { sweep: true } : {}),
      ...(explain.runs === undefined ? {} : { runs: explain.runs }),
      ...(explain.like === undefined ? {} : { like: explain.like }),
    },
    assumptions: model.assumptions,
  };
}
