import { isFailure } from '@gradcam/core';
import { finishRun, isWebAddress, removeParts, type OpenRun } from '@gradcam/runs';
import {
  connect,
  dequeue,
  enqueue,
  followRun,
  openQueue,
  openSharedRoot,
  planRun,
  readLeftPlan,
  readQueueAddress,
  type FleetError,
  type FollowedJob,
  type SharedRoot,
} from '@gradcam/service/fleet';
import { CommandError, exitCodes, type ExitCode } from '../../exit-codes.ts';
import { queuePassword } from '../../flags/queue-address.ts';
import { abortOnSignals } from '../../terminal/abort-on-signals.ts';
import type { Terminal } from '../../terminal/messages.ts';
import { quoteForShell } from '../../terminal/quote-for-shell.ts';
import type { ExplainFlags } from './flags.ts';
import type { QueueSettings } from './queue-flags.ts';
import type { PreparedRun } from './prepared-run.ts';
import { createReporter } from './report-images.ts';

/** How long the command waits for the first outcome before it says that there may be no worker. */
const PATIENCE_MS = 10_000;

/** The queue and the shared folder, which are there. */
export interface Fleet {
  /** Explains a run by the workers of the queue, as `explainInto` does in this process. */
  explain(run: OpenRun, work: PreparedRun, flags: ExplainFlags): Promise<ExitCode>;
  close(): Promise<void>;
}

/**
 * Connects to the queue and checks that workers may touch everything that the run needs, before anything is
 * created.
 *
 * @throws FleetError `queue`, `argument`; CommandError 64 for images on the web.
 */
export async function openFleet(
  settings: QueueSettings,
  out: string,
  images: readonly string[],
  terminal: Terminal,
): Promise<Fleet> {
  const address = readQueueAddress(settings.queue, queuePassword());
  const root = await openSharedRoot(settings.root);
  await root.place(out);
  const web = images.find(isWebAddress);
  if (web !== undefined) {
    throw new CommandError(
      exitCodes.usage,
      `${web}: workers read images only in the shared folder; download it there first, or leave out --queue`,
    );
  }
  for (const image of images) await root.place(image);
  const left = await readLeftPlan(out);
  const lost = new AbortController();
  const redis = await connect({
    ...{ address, waits: false, note: (text) => terminal.note(text) },
    onLost: (error) => lost.abort(error),
  });
  const queue = openQueue(redis);

  /** Adds the jobs and takes their outcomes; returns how many jobs have one. */
  const share = async (
    jobs: readonly FollowedJob[],
    run: OpenRun,
    stop: AbortSignal,
    onLine: Parameters<typeof followRun>[0]['onLine'],
  ): Promise<number> => {
    const signal = AbortSignal.any([stop, lost.signal]);
    if (left !== null) await dequeue(queue, left);
    await enqueue(
      queue,
      jobs.map(({ job }) => job),
      signal,
    );
    const images = jobs.reduce((sum, { images: some }) => sum + some.length, 0);
    terminal.note(
      `${jobs.length} jobs of ${images} images are in the queue at ${address.shown}; any number of these take part: npx gradcam work --queue ${quoteForShell(address.shown)} --root <the shared folder, here ${root.folder}>`,
    );
    if (settings.detach) return 0;
    const patience = setTimeout(() => {
      void queue.getWorkersCount().then(
        (count) => count > 0 || terminal.note(`no worker is at the queue ${address.shown} yet`),
        () => {},
      );
    }, PATIENCE_MS);
    try {
      return await followRun({
        ...{ queue, run: run.directory.folder, jobs, signal, onLine },
        note: (text) => terminal.note(text),
      });
    } finally {
      clearTimeout(patience);
    }
  };

  return {
    async explain(run, work, flags) {
      const { directory, results, pending } = run;
      const { start, tally, thread, settings: asked } = work;
      // The workers load the model; here it was loaded to see that it can be.
      await thread.close();
      await directory.writeRun(start);
      const guard = abortOnSignals(() =>
        terminal.warn(
          'stopping: jobs that no worker has begun leave the queue; jobs in work end, and --resume takes their outcomes; interrupt again to stop at once',
        ),
      );
      const reporter = createReporter(flags, pending.length, terminal);
      const note = (text: string): void => terminal.note(text);
      let failed = false;
      let isComplete = pending.length === 0;
      try {
        const jobs = isComplete ? [] : await plan(run, work, flags, settings, root);
        const number = await share(jobs, run, guard.signal, async (line) => {
          await results.append(line);
          if (isFailure(line)) tally.addFailure();
          else tally.add(line);
          failed ||= isFailure(line);
          reporter.line(line);
        });
        isComplete = number === jobs.length;
        if (!isComplete && !settings.detach) {
          await dequeue(
            queue,
            jobs.slice(number).map(({ job }) => job),
          ).catch(() => note('the queue keeps its jobs'));
        }
      } finally {
        reporter.stop();
        guard.release();
      }
      if (lost.signal.aborted) throw lost.signal.reason as FleetError;
      if (isComplete) {
        await results.verify();
        await finishRun(directory, asked.save, terminal);
        await results.verify();
        await removeParts(directory.folder);
      }
      await directory.writeRun({
        ...start,
        status: isComplete ? 'done' : 'running',
        finishedAt: new Date().toISOString(),
        counts: tally.counts(),
      });
      if (isComplete) reporter.finish(tally.counts());
      const interrupted = guard.exitCode();
      if (interrupted !== null && !isComplete) return interrupted;
      return failed ? exitCodes.someFailed : exitCodes.done;
    },
    async close() {
      await queue.close().catch(() => {});
      redis.disconnect();
    },
  };
}

async function plan(
  { directory, names, pending }: OpenRun,
  { start, settings, truth, model }: PreparedRun,
  flags: ExplainFlags,
  { size }: QueueSettings,
  root: SharedRoot,
): Promise<readonly FollowedJob[]> {
  const { inputs, window, evidence } = settings;
  const place = await root.place(start.model.path).catch(() => undefined);
  return planRun({
    ...{ run: directory.folder, root, size, images: pending },
    lineOf: (image) => names.lineOf(image),
    folderOf: (image, question) => names.folderOf(image, question),
    truthOf: (image, question) => truth?.find(image, question),
    plan: {
      model: { ...start.model, id: model.id, ...(place !== undefined && { place }) },
      ...{ settings: start.settings, engine: start.engine, explain: settings.explain },
      ...{ save: settings.save, overrides: settings.model },
      inputs: { values: inputs.values, digests: inputs.digests },
      ...(window !== undefined && { window }),
      ...(evidence !== undefined && { evidence }),
      explainsTruth: flags.target.length === 0,
    },
  });
}
