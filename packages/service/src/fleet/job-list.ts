import type { AskedImage, TrueClass } from '@gradcam/runs';
import { PARTS_FOLDER } from '@gradcam/runs';
import { isRunFileName } from '@gradcam/core';
import { createHash } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import path from 'node:path';
import Type, { type Static } from 'typebox';
import { Check } from 'typebox/value';
import { FleetError } from './fleet-error.ts';
import type { FleetJob } from './fleet-job.ts';
import type { SharedRoot } from './shared-root.ts';

const jobImage = Type.Object({
  image: Type.String({ minLength: 1, maxLength: 2 ** 16 }),
  file: Type.Optional(Type.String({ minLength: 1, maxLength: 4096 })),
  folder: Type.String({ minLength: 1, maxLength: 512 }),
  truth: Type.Optional(
    Type.Object({ index: Type.Integer({ minimum: 0 }), label: Type.Optional(Type.String()) }),
  ),
  question: Type.Optional(Type.String({ minLength: 1, maxLength: 10_000 })),
});

/**
 * An image of a job. `image` is its name in the results, `file` its path relative to the shared folder, where
 * that differs from the name, `folder` the folder of its files in the run, `truth` its true class, and
 * `question` what is asked about it.
 */
export type JobImage = Static<typeof jobImage>;

const jobRow = Type.Object({ part: Type.Integer({ minimum: 0 }), images: Type.Array(jobImage) });

/** Images whose sizes are asked for at the same time. */
const STATS_AT_ONCE = 64;

/** When a job is full: by images, or by the bytes of their files. */
export interface JobSize {
  readonly images: number;
  readonly bytes: number;
}

/** Images of a run, with what a plan needs to know about them. */
export interface PlannedImages {
  /** Paths of the images with their questions, in the order of the results. */
  readonly images: readonly AskedImage[];
  readonly lineOf: (image: string) => string;
  readonly folderOf: (image: string, question: string | undefined) => string;
  readonly truthOf: (image: string, question: string | undefined) => TrueClass | undefined;
}

/** Where the images of a part stand in `parts/jobs.jsonl`. */
export interface JobPlace {
  readonly part: number;
  readonly at: number;
  readonly bytes: number;
  /** How many images the part has. */
  readonly images: number;
}

/** The file that lists the images of each part, a part in a line. */
export function jobListFile(run: string): string {
  return path.join(run, PARTS_FOLDER, 'jobs.jsonl');
}

/**
 * Splits images into jobs and writes the list of the jobs. A job ends when it has enough images or bytes, so
 * that a job of large pictures does not take much longer than a job of small ones.
 *
 * @param write writes the list; its texts are never in memory together.
 * @returns the places of the jobs in the list, and the list's sha256.
 * @throws FleetError `argument` for an image outside of the shared folder.
 */
export async function writeJobList(
  planned: PlannedImages,
  size: JobSize,
  root: SharedRoot,
  write: (rows: AsyncIterable<string>) => Promise<unknown>,
): Promise<{ readonly jobs: readonly JobPlace[]; readonly sha256: string }> {
  const jobs: JobPlace[] = [];
  const hash = createHash('sha256');
  let at = 0;
  await write(
    (async function* () {
      for await (const images of splitImages(planned, size, root)) {
        const row = `${JSON.stringify({ part: jobs.length, images })}\n`;
        const bytes = Buffer.byteLength(row);
        jobs.push({ part: jobs.length, at, bytes, images: images.length });
        at += bytes;
        hash.update(row);
        yield row;
      }
    })(),
  );
  return { jobs, sha256: hash.digest('hex') };
}

async function* splitImages(
  { images, lineOf, folderOf, truthOf }: PlannedImages,
  size: JobSize,
  root: SharedRoot,
): AsyncGenerator<JobImage[]> {
  let job: JobImage[] = [];
  let held = 0;
  for (let from = 0; from < images.length; from += STATS_AT_ONCE) {
    const some = images.slice(from, from + STATS_AT_ONCE);
    const places = await Promise.all(some.map(({ image }) => root.place(image)));
    // A file that is gone fails in the worker, and its line says so.
    const stats = await Promise.all(some.map(({ image }) => stat(image).catch(() => null)));
    for (const [i, { image, question }] of some.entries()) {
      const bytes = stats[i]?.size ?? 0;
      if (job.length >= size.images || (job.length > 0 && held + bytes > size.bytes)) {
        yield job;
        job = [];
        held = 0;
      }
      const [line, place] = [lineOf(image), places[i]!];
      const truth = truthOf(image, question);
      job.push({
        image: line,
        ...(place !== line && { file: place }),
        folder: folderOf(image, question),
        ...(truth !== undefined && { truth }),
        ...(question !== undefined && { question }),
      });
      held += bytes;
    }
  }
  if (job.length > 0) yield job;
}

/**
 * Reads the images of a job.
 *
 * @throws FleetError `obsolete` where the list is gone, `data` where it does not hold the job.
 */
export async function readJobImages(run: string, job: FleetJob): Promise<readonly JobImage[]> {
  const file = jobListFile(run);
  const handle = await open(file, 'r').catch(() => null);
  if (handle === null) {
    throw new FleetError('obsolete', `${run}: the run waits for no worker any more`);
  }
  try {
    const bytes = Buffer.alloc(job.bytes);
    const { bytesRead } = await handle.read(bytes, 0, job.bytes, job.at);
    const row = bytesRead === job.bytes ? parseRow(bytes.toString('utf8')) : null;
    const isWhole = Check(jobRow, row) && row.part === job.part;
    if (isWhole && row.images.every(({ folder }) => isRunFileName(`${folder}/x`))) {
      return row.images;
    }
  } finally {
    await handle.close();
  }
  throw new FleetError('data', `${file}: does not hold the images of part ${job.part}`);
}

function parseRow(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
