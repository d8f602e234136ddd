import { questionOfLine, type FailureLine, type ResultLine } from '@gradcam/core';
import { hasPart, readPart, removePart, RunError, type AskedImage } from '@gradcam/runs';
import type { Queue } from 'bullmq';
import { setTimeout as wait } from 'node:timers/promises';
import { enqueue } from './enqueue.ts';
import { jobId, type FleetJob } from './fleet-job.ts';

type Line = ResultLine | FailureLine;

/** The pause between two looks for the next outcome file. */
const LOOK_MS = 100;

/** The pause between two looks whether the queue still has the job whose outcome is missing. */
const ASK_MS = 2000;

/** A job, and its images by their names in the results, with their questions. */
export interface FollowedJob {
  readonly job: FleetJob;
  readonly images: readonly AskedImage[];
}

export interface FollowRequest {
  readonly queue: Queue;
  /** Path of the run folder. */
  readonly run: string;
  /** All jobs of the plan, in their order. */
  readonly jobs: readonly FollowedJob[];
  readonly signal: AbortSignal;
  /** Takes a line into the results. */
  readonly onLine: (line: Line) => Promise<void>;
  readonly note: (text: string) => void;
}

/**
 * Takes the outcomes of jobs into the results, in the order of the plan, as they appear. A job that the queue
 * has lost is added again, and a job that failed after all its attempts gives a failure for each of its
 * images. It returns when all jobs are in the results, or when the signal is aborted.
 *
 * @returns the number of the first job whose outcome is missing; the number of jobs where none is.
 * @throws RunError `data` for an outcome file that is damaged; what `onLine` throws.
 */
export async function followRun(request: FollowRequest): Promise<number> {
  const { run, jobs, signal, onLine } = request;
  for (const [number, followed] of jobs.entries()) {
    const { job, images } = followed;
    let asked = Date.now();
    for (;;) {
      if (await hasPart(run, job.part)) {
        for (const line of checkLines(await readPart(run, job.part), followed)) await onLine(line);
        await removePart(run, job.part);
        break;
      }
      if (signal.aborted) return number;
      if (Date.now() - asked > ASK_MS) {
        asked = Date.now();
        const reason = await askQueue(request, number).catch(() => null);
        if (reason !== null && !(await hasPart(run, job.part))) {
          for (const { image, question } of images) {
            const error = `${image}: ${reason}`;
            await onLine({ image, ...(question !== undefined && { question }), error });
          }
          break;
        }
      }
      await wait(LOOK_MS, undefined, { signal }).catch(() => {});
    }
  }
  return jobs.length;
}

/**
 * Looks whether the queue still has a job.
 *
 * @returns why the job has failed; null where it may still be done.
 */
async function askQueue(
  { queue, run, jobs, signal, note }: FollowRequest,
  number: number,
): Promise<string | null> {
  const { job } = jobs[number]!;
  const known = await queue.getJob(jobId(job));
  if (known === undefined) {
    // A job leaves the queue when its outcome is there.
    if (await hasPart(run, job.part)) return null;
    const lost: FleetJob[] = [];
    for (const { job: other } of jobs.slice(number)) {
      if (!(await hasPart(run, other.part))) lost.push(other);
    }
    note(`the queue has lost jobs; adding those without an outcome again`);
    await enqueue(queue, lost, signal);
    return null;
  }
  if ((await known.getState()) !== 'failed') return null;
  await known.remove();
  return `its job failed after ${known.attemptsMade} attempts: ${known.failedReason}`;
}

function checkLines(
  lines: readonly Line[],
  { images, job: { part } }: FollowedJob,
): readonly Line[] {
  const isAbout = (line: Line, { image, question }: AskedImage): boolean =>
    line.image === image && (question === undefined || questionOfLine(line) === question);
  const isSame =
    lines.length === images.length && lines.every((line, i) => isAbout(line, images[i]!));
  if (isSame) return lines;
  throw new RunError(
    'data',
    `part ${part} of the run has an outcome for other images than it should; --resume explains them again`,
  );
}
