import {
  chooseBatch,
  foreignRuntime,
  isFailure,
  mainHead,
  type BatchChoice,
  toPrintable,
} from '@gradcam/core';
import { openModelFolder } from '@gradcam/core/node';
import {
  checkRequest,
  createImageReader,
  createTally,
  digestReferences,
  embedTargets,
  explainImages,
  finishRun,
  openRun,
  type OpenRun,
} from '@gradcam/runs';
import { createHash } from 'node:crypto';
import { exitCodes, type ExitCode } from '../../exit-codes.ts';
import { checkPictures, describeNumbers, withFigure } from './check-request.ts';
import { checkWords } from './check-words.ts';
import { describeRequest, describeStart } from './describe-run.ts';
import { describeEvidenceCost } from './evidence-flags.ts';
import { parseExplainFlags, type ExplainFlags, type ExplainSettings } from './flags.ts';
import { lockRun } from './lock-run.ts';
import { noteDemo } from './note-demo.ts';
import { openTables } from './open-tables.ts';
import type { PreparedRun } from './prepared-run.ts';
import { parseQueueFlags } from './queue-flags.ts';
import { withRunFolder, type StatedFlags } from './name-run.ts';
import { createReporter } from './report-images.ts';
import { holdYoungGeneration } from '../../model-thread/hold-young-generation.ts';
import { openInputs, parseInputs } from '../../models/further-inputs.ts';
import { listImages } from '../../inputs/list-images.ts';
import { readList } from '../../inputs/read-list.ts';
import type { SpawnedThread } from '../../model-thread/spawn-thread.ts';
import { startModelThread } from '../../model-thread/start-model-thread.ts';
import { checkCapabilities, checkEngine } from '../../models/check-capabilities.ts';
import { describeAnyModel } from '../../models/describe-any.ts';
import { startWeightsDigest } from '../../models/digest-weights.ts';
import { folderOfModel } from '../../models/find-model.ts';
import { checkLabels } from '../../models/model-flags.ts';
import { noteClassNames } from '../../models/note-class-names.ts';
import { resolveModel } from '../../models/resolve-model.ts';
import { printSources } from '../../models/print-sources.ts';
import { abortOnSignals } from '../../terminal/abort-on-signals.ts';
import { dropUndefined } from '../../flags/drop-undefined.ts';
import { createTerminal, type Terminal } from '../../terminal/messages.ts';

/**
 * `gradcam explain`: explains images and writes the results into a run folder.
 *
 * @param spawned the thread in which the model is loaded.
 */
export async function runExplain(
  given: readonly string[],
  stated: StatedFlags,
  spawned: SpawnedThread,
): Promise<ExitCode> {
  const terminal = createTerminal(stated);
  const note = (text: string): void => terminal.note(text);
  const flags = withRunFolder(stated);
  const asked = await parseExplainFlags(flags);
  const sharing = parseQueueFlags(flags);
  const folder = await resolveModel(flags.model, flags.models, terminal);
  const files = openModelFolder(folder);
  const opened = await openInputs(
    files,
    await describeAnyModel(files, asked.model),
    asked.model,
    parseInputs(flags.input),
    { text: true },
  );
  const { model, others } = opened;
  checkWords(model, asked.explain, others, flags.questions !== undefined);
  const settings = { ...asked, model: opened.overrides, inputs: others };
  checkLabels(flags, settings.model, mainHead(model.network));
  const everything = withFigure(settings.explain, settings.save);
  checkRequest(model, { ...everything, inputs: others.values });
  checkCapabilities(model, everything);
  checkEngine(model, settings.engine);
  checkPictures(settings.explain, settings.save, terminal);
  if (settings.evidence !== undefined) {
    note(describeEvidenceCost(settings.evidence, settings.explain, model));
  }
  const { images, leftOut } = await listImages(given, {
    readList: () => readList(process.stdin, flags.null === true),
    note,
  });
  const { truth, questions } = await openTables(flags, images, model, note);
  // The client of the queue is loaded only where it is needed.
  const fleet =
    sharing === null
      ? null
      : await (await import('./share-run.ts')).openFleet(sharing, flags.out, images, terminal);
  const { targets = [] } = settings.explain;
  const references = await digestReferences(targets, model);
  const main = await files.readFile(files.onnx ?? 'model.json');
  const weights = startWeightsDigest(folderOfModel(folder), main, files.onnx);

  const { threads, model: overrides } = settings;
  const runtime = foreignRuntime(model.network);
  const thread = startModelThread(
    { folder, engine: settings.engine, runtime, threads, overrides, inputs: others.values },
    terminal,
    spawned,
  );
  // A resumed run may already have the result of the first image.
  const read = createImageReader(
    flags.resume === true || fleet !== null ? undefined : images[0],
    model.input,
    settings.window,
  );
  try {
    // The run folder is created only after everything except the images has been checked.
    const { engine, oneAtATime } = await thread.ready;
    const { batch, reason } = chooseImages(
      { ...model, ...dropUndefined({ oneAtATime }) },
      settings,
    );
    terminal.debug(
      `${batch === 1 ? 'one image' : `${batch} images`} in one run of the model: ${reason}`,
    );
    printSources(model, terminal);
    for (const line of describeNumbers(settings.explain, model)) note(toPrintable(line));
    for (const line of others.lines) terminal.note(toPrintable(line));
    const embedded = await embedTargets(
      targets,
      model,
      (input) => thread.embed(input),
      settings.window,
    );
    const digest = createHash('sha256').update(main).digest('hex');
    const found = { path: folder, digest, weights: await weights.settle() };
    const request = describeRequest(model, found, settings, truth, {
      references,
      questions: questions?.digest,
    });
    const tally = createTally();
    const resume = flags.resume === true;
    const run = await openRun(flags.out, {
      ...{ acquireLock: lockRun, images, questions, resume, run: request, tally, note },
    });
    try {
      // Said when the folder is there: a command that is refused has written nothing.
      if (stated.out === undefined) {
        note(`no --out was given: the run is written to ${flags.out}`);
      }
      await noteDemo(model, images, terminal);
      noteClassNames(model, terminal);
      const start = await describeStart(request, run, { engine, batch }, leftOut);
      const asked = { ...settings, explain: { ...settings.explain, targets: embedded } };
      const work = { start, model, settings: asked, truth, tally, thread, read };
      if (fleet !== null) return await fleet.explain(run, work, flags);
      return await explainInto(run, work, flags, terminal);
    } finally {
      await run.close();
    }
  } finally {
    await thread.close();
    await fleet?.close();
  }
}

/** How many images share one run of the model. Where maps are examined, that takes most of the time. */
function chooseImages(
  model: Parameters<typeof chooseBatch>[0],
  { explain, evidence }: ExplainSettings,
): BatchChoice {
  if (evidence !== undefined) return { batch: 1, reason: 'evidence is measured image by image' };
  return chooseBatch(model, explain, explain.batch);
}

async function explainInto(
  { directory, results, names, pending }: OpenRun,
  { start, model, settings, truth, tally, thread, read }: PreparedRun,
  flags: ExplainFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  await directory.writeRun(start);
  const guard = abortOnSignals(() =>
    terminal.warn('stopping after the current images; interrupt again to stop at once'),
  );
  const reporter = createReporter(flags, pending.length, terminal);
  let failed = false;
  holdYoungGeneration();
  try {
    await explainImages({
      ...{ images: pending, results, directory, names, model, thread, truth, read },
      options: settings.explain,
      batch: start.batch ?? 1,
      evidence: settings.evidence,
      save: { ...settings.save, model: start.model },
      explainsTruth: flags.target.length === 0,
      signal: guard.signal,
      onStart: (image) => reporter.begin(image),
      onRuns: (image, done, total) => reporter.runs(image, done, total),
      onLine(line) {
        if (isFailure(line)) tally.addFailure();
        else tally.add(line);
        failed ||= isFailure(line);
        reporter.line(line);
      },
    });
  } finally {
    reporter.stop();
    guard.release();
  }
  const interrupted = guard.exitCode();
  if (interrupted === null) {
    await results.verify();
    await finishRun(directory, settings.save, terminal);
    // Sheets take a while. The results are checked again, so that every result that is reported as done
    // exists.
    await results.verify();
  }
  await directory.writeRun({
    ...start,
    status: interrupted === null ? 'done' : 'running',
    finishedAt: new Date().toISOString(),
    counts: tally.counts(),
  });
  reporter.finish(tally.counts());
  if (interrupted !== null) return interrupted;
  return failed ? exitCodes.someFailed : exitCodes.done;
}
