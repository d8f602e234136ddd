import { parseResult, type FailureLine, type ResultLine } from '@gradcam/core';
import { PARTS_FOLDER, writeWhole } from '@gradcam/runs';
import { mkdir, open, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { JobImage } from './job-list.ts';

type Line = ResultLine | FailureLine;

/**
 * How many processes an image may end before it fails. The first that it ends is not counted, since four
 * images are in work then and nobody knows which of them it was.
 */
export const MAX_TRIES = 3;

/**
 * The notes about a job that a worker has begun and not finished: the images that are done, and for each
 * other how often a worker has begun with it. They lie in the shared folder, because the worker that wrote
 * them may be dead.
 */
export interface JobTries {
  /** The line of an image that an earlier worker has finished; null where there is none. */
  finished(index: number): Promise<Line | null>;
  /** Keeps the line of a finished image. */
  keep(index: number, line: Line): Promise<void>;
  /**
   * Notes that a worker begins with an image.
   *
   * @returns a function that takes the note back when the image did not end the worker; null where the image
   *   has had all its tries.
   */
  begin(index: number): Promise<(() => Promise<void>) | null>;
  /** Removes all notes about the job. */
  clear(): Promise<void>;
}

/** @param temporaryFor a path for an unfinished file, on the same file system. */
export function openTries(
  run: string,
  part: number,
  temporaryFor: (file: string) => string,
): JobTries {
  const folder = path.join(run, PARTS_FOLDER, `tries-${part}`);
  const lineFile = (index: number): string => path.join(folder, `${index}.json`);
  const make = (): Promise<unknown> =>
    mkdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  return {
    async finished(index) {
      try {
        return parseResult(await readFile(lineFile(index), 'utf8'), 1);
      } catch {
        // There is none, or a power failure left it empty: the image is explained again.
        return null;
      }
    },
    async keep(index, line) {
      await make();
      const file = lineFile(index);
      await writeWhole(
        file,
        (handle) => handle.writeFile(JSON.stringify(line)),
        temporaryFor(file),
      );
    },
    async begin(index) {
      await make();
      for (let attempt = 1; attempt <= MAX_TRIES; attempt++) {
        const note = path.join(folder, `${index}.try-${attempt}`);
        const handle = await open(note, 'wx').catch((error: NodeJS.ErrnoException) => {
          if (error.code === 'EEXIST') return null;
          throw error;
        });
        if (handle === null) continue;
        await handle.close();
        return () => rm(note, { force: true });
      }
      return null;
    },
    async clear() {
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The line of an image that has ended every worker that tried it. */
export function failTries({ image, question }: JobImage): FailureLine {
  return {
    image,
    ...(question !== undefined && { question }),
    error: `${image}: the worker's process ended each time it explained this image, ${MAX_TRIES} times alone (killed, crashed, or out of memory); look at the image, or leave it out`,
  };
}
