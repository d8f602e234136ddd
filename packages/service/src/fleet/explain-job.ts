import {
  chooseBatch,
  isFailure,
  type FailureLine,
  type ModelDescription,
  type ResultLine,
} from '@gradcam/core';
import {
  explainImages,
  hasPart,
  openRunDirectory,
  PARTS_FOLDER,
  publishPart,
  type Budget,
  type Explainer,
  type ExplainImagesRequest,
  type ImageReader,
} from '@gradcam/runs';
import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { FleetError } from './fleet-error.ts';
import type { FleetJob } from './fleet-job.ts';
import { readJobImages, type JobImage } from './job-list.ts';
import { readImagesOf } from './read-job-image.ts';
import { readPlan, type Plan } from './plan.ts';
import type { SharedRoot } from './shared-root.ts';
import { failTries, openTries, type JobTries } from './tries.ts';

type Line = ResultLine | FailureLine;

/** A model that is loaded and is the one that a plan names. */
export interface PlannedModel {
  readonly model: ModelDescription;
  readonly thread: Explainer;
  readonly read: ImageReader;
}

/** The tools that all jobs of a worker share. */
export interface JobTools {
  readonly root: SharedRoot;
  /**
   * Loads the plan's model, or returns it where it is loaded already.
   *
   * @throws FleetError `refused` where this machine has no such model, or another.
   */
  readonly openModel: (plan: Plan, digest: string) => Promise<PlannedModel>;
  /** Whether the model of the plan with this digest is loaded. */
  readonly holdsModel: (digest: string) => boolean;
  /** Lets {@link JOBS_AT_ONCE} jobs run; a job that is explained image by image takes all of it. */
  readonly gate: Budget;
  /** When this is aborted, jobs end after the images that the engine has. */
  readonly signal: AbortSignal;
}

/**
 * Jobs that a worker does at the same time, so that the engine has images while the last pictures of a job
 * are written and its outcome is published.
 */
export const JOBS_AT_ONCE = 2;

/** What became of a job. */
export interface JobOutcome {
  /** `there`: an earlier worker had published it; `stopped`: this worker is ending and returns the job. */
  readonly what: 'done' | 'there' | 'stopped';
  readonly images: number;
  readonly failed: number;
}

/**
 * Explains the images of a job into the run's folder and publishes the outcome, one file in `parts/`. Doing
 * a job twice gives the same files: each is written under a name of this attempt alone and renamed.
 *
 * @param isRetry whether a worker has begun this job before. Perhaps an image ended that worker, so the
 *   images are explained one by one, with a note before each, and nothing else runs in this process.
 * @throws FleetError `obsolete` where the run does not wait for the job any more, `refused`, `data`; and what
 *   `explainImages` throws.
 */
export async function explainJob(
  job: FleetJob,
  isRetry: boolean,
  tools: JobTools,
): Promise<JobOutcome> {
  const run = await tools.root.resolve(job.run);
  const plan = await readPlan(run, job.plan);
  if (await hasPart(run, job.part)) return { what: 'there', images: 0, failed: 0 };
  const images = await readJobImages(run, job);
  const release = await takeTurn(job.plan, isRetry, tools);
  try {
    const opened = await tools.openModel(plan, job.plan);
    return await explainInto(run, { job, plan, images, isRetry }, opened, tools);
  } catch (error) {
    // Where the run was finished or planned anew meanwhile, nothing can be written any more.
    await readPlan(run, job.plan);
    throw error;
  } finally {
    release();
  }
}

/** Waits until the job may run: alone where it is a retry, or needs another model than the loaded one. */
async function takeTurn(
  plan: string,
  isRetry: boolean,
  { gate, holdsModel }: JobTools,
): Promise<() => void> {
  for (;;) {
    const isAlone = isRetry || !holdsModel(plan);
    const release = await gate.take(isAlone ? JOBS_AT_ONCE : 1);
    // Another job may have loaded another model meanwhile.
    if (isAlone || holdsModel(plan)) return release;
    release();
  }
}

interface Assignment {
  readonly job: FleetJob;
  readonly plan: Plan;
  readonly images: readonly JobImage[];
  readonly isRetry: boolean;
}

async function explainInto(
  run: string,
  { job, plan, images, isRetry }: Assignment,
  { model, thread, read }: PlannedModel,
  { root, signal }: JobTools,
): Promise<JobOutcome> {
  const scratch = path.join(run, PARTS_FOLDER, `.tmp-${randomUUID()}`);
  let unfinished = 0;
  const temporaryFor = (): string => path.join(scratch, `${unfinished++}`);
  const tries = openTries(run, job.part, temporaryFor);
  const asked = new Map(images.map((one) => [keyOf(one.image, one.question), one]));
  const explainSome = async (some: readonly JobImage[]): Promise<Line[]> => {
    const lines: Line[] = [];
    const request: ExplainImagesRequest = {
      images: some,
      ...{ model, thread, signal, options: plan.explain, evidence: plan.evidence },
      batch: chooseBatch(model, plan.explain, plan.explain.batch).batch,
      read: readImagesOf(new Map(images.map((one) => [one.image, one])), root, read),
      save: { ...plan.save, model: plan.model },
      directory: openRunDirectory(run, temporaryFor),
      names: namesOf(asked),
      truth: { digest: '', find: (image, question) => asked.get(keyOf(image, question))?.truth },
      explainsTruth: plan.explainsTruth,
      results: {
        append: async (line) => void lines.push(line),
        verify: async () => {},
        close: async () => {},
      },
      ...{ onStart: () => {}, onRuns: () => {}, onLine: () => {} },
    };
    await explainImages(request);
    return lines;
  };
  await makeScratch(scratch);
  try {
    const lines = isRetry
      ? await explainOneByOne(images, tries, explainSome, signal)
      : await explainSome(images);
    if (lines.length < images.length) {
      if (!isRetry) for (const [i, line] of lines.entries()) await tries.keep(i, line);
      return { what: 'stopped', images: lines.length, failed: 0 };
    }
    await publishPart(run, job.part, lines, temporaryFor());
    if (isRetry) await tries.clear();
    return { what: 'done', images: lines.length, failed: lines.filter(isFailure).length };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/**
 * Explains the images that no earlier worker has finished, one by one. An image that has ended its worker too
 * often fails.
 */
async function explainOneByOne(
  images: readonly JobImage[],
  tries: JobTries,
  explainSome: (some: readonly JobImage[]) => Promise<Line[]>,
  signal: AbortSignal,
): Promise<Line[]> {
  const lines: Line[] = [];
  for (const [i, image] of images.entries()) {
    const earlier = await tries.finished(i);
    if (earlier !== null) {
      lines.push(earlier);
      continue;
    }
    if (signal.aborted) break;
    const takeBack = await tries.begin(i);
    if (takeBack === null) {
      lines.push(failTries(image));
      continue;
    }
    let line: Line | undefined;
    try {
      [line] = await explainSome([image]);
    } finally {
      await takeBack();
    }
    if (line === undefined) break;
    await tries.keep(i, line);
    lines.push(line);
  }
  return lines;
}

/** A folder for unfinished files; where the folder of the parts is gone, nobody waits for the job. */
async function makeScratch(scratch: string): Promise<void> {
  try {
    await mkdir(scratch);
  } catch (cause) {
    const { code = 'error' } = cause as NodeJS.ErrnoException;
    throw new FleetError('refused', `${scratch}: cannot be created (${code})`, { cause });
  }
}

/** What tells the images of a job apart: an image may stand there with several questions. */
function keyOf(image: string, question: string | undefined): string {
  return JSON.stringify([image, question]);
}

function namesOf(asked: ReadonlyMap<string, JobImage>): ExplainImagesRequest['names'] {
  const same = (image: string): string => image;
  return {
    ...{ original: '', placeOf: same, placeOfLine: same, lineOf: same, take: () => {} },
    folderOf: (image, question) => asked.get(keyOf(image, question))!.folder,
  };
}
