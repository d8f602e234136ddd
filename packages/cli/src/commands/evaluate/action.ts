import {
  countClasses,
  describeOutput,
  findMethod,
  mainHead,
  outputKindOf,
  readTargets,
  resolveLayers,
  toPrintable,
  type ModelDescription,
} from '@gradcam/core';
import { acquireLock } from '@gradcam/converter/node';
import { openModelFolder } from '@gradcam/core/node';
import { guardWrite, isWebAddress, type AskedImage } from '@gradcam/runs';
import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { CommandError, exitCodes, type ExitCode } from '../../exit-codes.ts';
import { openAnnotations } from '../../inputs/regions/annotations.ts';
import { checkCapabilities, checkEngine } from '../../models/check-capabilities.ts';
import { describeAnyModel } from '../../models/describe-any.ts';
import { startWeightsDigest } from '../../models/digest-weights.ts';
import { folderOfModel } from '../../models/find-model.ts';
import { checkLabels } from '../../models/model-flags.ts';
import { printSources } from '../../models/print-sources.ts';
import { resolveModel } from '../../models/resolve-model.ts';
import { createTerminal, type Terminal } from '../../terminal/messages.ts';
import { listAsked } from './asked-images.ts';
import { describeReplacement } from './describe-replacement.ts';
import { evaluateImages, type WantedImage } from './evaluate-images.ts';
import type { Evaluation, EvaluationHead } from './evaluation.ts';
import { keyOfLine, openEvaluation, type SourceOf } from './evaluation-file.ts';
import { parseEvaluateFlags, type EvaluateFlags, type EvaluateSettings } from './flags.ts';
import { openModels } from './open-models.ts';
import { describeImages, formatText } from './tables.ts';
import { takeImages, type TakenImages } from './take-images.ts';
import { conclude, writeFiles } from './write-evaluation.ts';

/** `gradcam evaluate`: measures how far the maps of methods can be trusted, and prints a table. */
export async function runEvaluate(
  given: readonly string[],
  flags: EvaluateFlags,
): Promise<ExitCode> {
  const terminal = createTerminal(flags);
  const note = (text: string): void => terminal.note(toPrintable(text));
  const settings = await parseEvaluateFlags(flags);
  const location = await resolveModel(flags.model, flags.models, terminal);
  const files = openModelFolder(location);
  const model = await describeAnyModel(files, settings.model);
  checkModel(model, flags, settings);
  const taken = await takeImages(given, note);
  const out = flags.out ?? taken.run?.folder;
  if (out === undefined) {
    throw new CommandError(exitCodes.usage, '--out is needed, except for a run folder');
  }
  const classes = { names: model.classNames, count: countClasses(mainHead(model.network)) };
  const wanted = await listAsked(taken, flags, model, note);
  const hasQuestions = model.text !== undefined;
  const annotations =
    flags.boxes === undefined ? null : await openAnnotations(flags.boxes, { ...classes, note });
  const asked = {
    methods: settings.methods ?? taken.run?.file.settings.methods ?? ['grad-cam'],
    layer: settings.layer ?? taken.run?.file.settings.layers[0] ?? 'auto',
    targets:
      settings.targets ??
      (annotations === null || hasQuestions
        ? (taken.run?.file.settings.targets ?? ['top1'])
        : null),
  };
  const methods = asked.methods.map((name) => findMethod(name).name);
  resolveLayers(model, asked.layer);
  checkTargets(model, asked.targets ?? []);
  checkCapabilities(model, { methods, layers: [asked.layer] });
  checkEngine(model, flags.engine);
  const main = await files.readFile(files.onnx ?? 'model.json');
  const weights = startWeightsDigest(folderOfModel(location), main, files.onnx);
  const digest = createHash('sha256').update(main).digest('hex');
  checkRun(taken, digest, model, terminal);
  const opened = await openModels(location, flags.engine, settings, model, terminal);
  try {
    printSources(model, terminal);
    const replacement = describeReplacement(model, settings);
    if (replacement !== null) terminal.note(`assumed: ${replacement}`);
    const head: EvaluationHead = {
      schema: 1,
      model: { id: model.id, digest, weights: await weights.settle() },
      settings: {
        ...asked,
        ...{ metrics: settings.metrics, score: settings.score, steps: settings.steps },
        replacement: settings.replacement,
        ...{ seed: settings.seed, model: settings.model, runs: settings.runs ?? null },
        boxes: annotations && { kind: annotations.kind, digest: annotations.digest },
      },
    };
    const named = nameImages(wanted, out);
    await guardWrite(out, () => mkdir(out, { recursive: true }));
    // The run folder's lock, so that explain and evaluate do not write into one folder at the same time.
    const lock = await acquireLock(path.join(out, '.lock'));
    try {
      const sources = new Map(named.map((one) => [keyOfLine(one), one.source]));
      const sourceOf: SourceOf = (line) => sources.get(keyOfLine(line)) ?? null;
      const isResumed = flags.resume === true;
      const file = await openEvaluation(out, head, isResumed, sourceOf);
      try {
        const expected = taken.run?.sha256 ?? null;
        const work = { opened, settings, annotations, head, wanted: named, file, expected };
        const { rows, failures, interrupted } = await evaluateImages(work, isResumed, terminal);
        for (const failure of failures) terminal.warn(failure);
        if (interrupted !== null) return interrupted;
        await file.verify();
        const evaluation = conclude(rows, head, file.lines, failures.length, opened.model);
        await writeFiles(out, evaluation);
        printEvaluation(evaluation, out, flags, terminal);
        return failures.length > 0 ? exitCodes.someFailed : exitCodes.done;
      } finally {
        await file.close();
      }
    } finally {
      await lock.release();
    }
  } finally {
    opened.dispose();
  }
}

function printEvaluation(
  evaluation: Evaluation,
  out: string,
  { json }: EvaluateFlags,
  terminal: Terminal,
): void {
  if (json === true) terminal.out(JSON.stringify(evaluation));
  else for (const text of formatText(evaluation)) terminal.out(toPrintable(text));
  terminal.note(`${describeImages(evaluation)}: ${path.join(out, 'evaluation.md')}`);
}

/** Ends the command, before it has created anything, if the model cannot be evaluated. */
function checkModel(
  model: ModelDescription,
  flags: EvaluateFlags,
  settings: EvaluateSettings,
): void {
  const head = mainHead(model.network);
  checkLabels(flags, settings.model, head);
  if (model.text?.role === 'caption') {
    throw new CommandError(
      exitCodes.badData,
      `evaluate measures maps of classes; ${model.id} writes captions, whose words it does not measure; gradcam explain --caption shows their maps`,
    );
  }
  const kind = outputKindOf(head);
  if (kind !== 'classes' && kind !== 'labels' && kind !== 'scores') {
    throw new CommandError(
      exitCodes.badData,
      `evaluate needs a model with a score for each of several classes; the output of ${model.id} is ${describeOutput(head)}`,
    );
  }
  const { inputs } = model.network;
  if (inputs.length === 1) return;
  if (model.text !== undefined && inputs.length === 2) return;
  throw new CommandError(
    exitCodes.badData,
    `evaluate needs a model with one input, or with a picture and a question; ${model.id} has ${inputs.join(', ')}`,
  );
}

/** @throws CommandError 64 for a target that is not a class; GradcamError for an unknown class. */
function checkTargets({ classNames, network }: ModelDescription, targets: readonly string[]): void {
  const { specs } = readTargets(targets, [], classNames, mainHead(network));
  const other = specs.find(({ kind }) => kind !== 'class' && kind !== 'rank');
  if (other === undefined) return;
  throw new CommandError(
    exitCodes.usage,
    `evaluate explains classes, as --target car or --target top3 name them; got a target of the kind ${other.kind}`,
  );
}

function checkRun(
  { run }: TakenImages,
  digest: string,
  model: ModelDescription,
  terminal: Terminal,
): void {
  if (run === null) return;
  if (run.file.model.digest !== digest) {
    throw new CommandError(
      exitCodes.usage,
      `${run.folder} was made with another model (${run.file.model.id}) than ${model.id}; give that one as --model`,
    );
  }
  if (run.file.settings.layers.length > 1) {
    terminal.note(
      `the run has several layers; ${run.file.settings.layers[0]} is evaluated, --layer chooses another`,
    );
  }
}

/**
 * The names that lines give to images: paths relative to the output folder, so that the folder can be moved
 * together with its images.
 */
function nameImages(images: readonly AskedImage[], out: string): readonly WantedImage[] {
  const nameOf = (image: string): string =>
    isWebAddress(image)
      ? image
      : path.relative(path.resolve(out), path.resolve(image)).split(path.sep).join('/');
  return images.map((one) => ({ ...one, image: nameOf(one.image), source: one.image }));
}
