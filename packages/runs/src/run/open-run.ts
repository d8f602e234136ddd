import { RUN_IMAGES_FOLDER, type RunFile } from '@gradcam/core';
import { mkdir, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { isRunError, RunError } from '../run-error.ts';
import { kindOfPlace } from '../files/find-run-file.ts';
import { readRunJson } from '../files/read-run-json.ts';
import type { AskedImage, ImageQuestions } from '../explain/image-questions.ts';
import { findPending, type Pending } from './find-pending.ts';
import { createByteDigest } from '../files/byte-digest.ts';
import { nameImages, type ImageNames } from '../files/image-names.ts';
import { openLines } from '../files/lines-file.ts';
import { dropTornLine, type ResultsFile } from '../files/results-file.ts';
import { openRunDirectory, type RunDirectory } from '../files/run-directory.ts';
import { absorbParts, PARTS_FOLDER } from '../parts/part-files.ts';
import { checkSameSettings } from './run-settings.ts';
import type { RunTally } from './run-tally.ts';

/** Name of the lock, which states the process that writes into the folder. */
const LOCK_FILE = '.lock';

const RESULTS_FILE = 'results.jsonl';

/** The lock of a run's folder, which one process at a time holds. */
export interface RunLock {
  /**
   * Called before each line: on a shared folder, another process may have taken this one for dead while it
   * slept.
   *
   * @throws where another process holds the lock by now.
   */
  assertHeld(): Promise<void>;
  release(): Promise<void>;
}

/** A run's folder that this process alone writes into. */
export interface OpenRun {
  readonly directory: RunDirectory;
  readonly results: ResultsFile;
  readonly names: ImageNames;
  /** Images without a valid line, in the order given; one with several questions stands there for each. */
  readonly pending: readonly AskedImage[];
  /** `run.json` as the last start left it; null for a new run. */
  readonly before: RunFile | null;
  /** Closes the results and releases the lock. */
  close(): Promise<void>;
}

/** Everything that is needed to open a run. */
export interface OpenRunRequest {
  /**
   * Takes the lock of the path that it is given; it throws where another process holds it. The caller brings
   * it, since a lock on shared folders is no part of this package.
   */
  readonly acquireLock: (path: string) => Promise<RunLock>;
  /** Whether a run in the folder is continued; otherwise it is an error that the folder holds one. */
  readonly resume: boolean;
  /** Paths and web addresses of the images, each once. */
  readonly images: readonly string[];
  /** The questions of a table about each image; absent where all images are explained alike. */
  readonly questions?: ImageQuestions | undefined;
  /** The model and settings for `run.json`; a resumed run must have been started with the same. */
  readonly run: Pick<RunFile, 'model' | 'settings'>;
  /** Gets the counts of lines that a resumed run keeps. */
  readonly tally: RunTally;
  /** Gets messages for people. */
  readonly note: (text: string) => void;
}

/**
 * Creates the folder of a new run, or with `resume` opens an existing run and finds the images that are left
 * to do. An image is done when its line is whole, all files that the line names exist, and the image still
 * has the sha256 of the line; the content of a web address is taken as unchanged. Failed images are tried
 * again.
 *
 * @throws RunError `cannot-create` where the folder cannot be created or is not empty; `argument` where the
 *   run was started with other settings; `data` where its files are damaged; and what `acquireLock` throws,
 *   as where another process writes into the folder.
 */
export async function openRun(folder: string, request: OpenRunRequest): Promise<OpenRun> {
  const { resume } = request;
  const images = listAsked(request);
  await makeFolder(folder);
  const lock = await request.acquireLock(path.join(folder, LOCK_FILE));
  try {
    await checkPlaces(folder);
    const before = await readRunBefore(folder, resume);
    const directory = openRunDirectory(folder);
    const file = path.join(folder, RESULTS_FILE);
    const names = nameImages(folder, before?.files?.original);
    let { pending, kept }: Pending = { pending: images, kept: createByteDigest() };
    if (before !== null) {
      const { tally, note } = request;
      checkSameSettings(folder, before, request.run, note);
      await takeParts(folder, file, note);
      if ((await kindOfPlace(file)) !== 'nothing') {
        ({ pending, kept } = await findPending({ folder, images, names, tally, note }));
      }
    }
    const opened: ResultsFile = await openLines(file, kept);
    const results: ResultsFile = {
      ...opened,
      async append(line) {
        await lock.assertHeld();
        await opened.append(line);
      },
    };
    return {
      ...{ directory, results, names, pending, before },
      async close() {
        await results.close();
        await lock.release();
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** Each image as often as it has questions. */
function listAsked({ images, questions }: OpenRunRequest): readonly AskedImage[] {
  if (questions === undefined) return images.map((image) => ({ image }));
  return images.flatMap((image) =>
    questions.find(image).map((question): AskedImage => ({ image, question })),
  );
}

async function makeFolder(folder: string): Promise<void> {
  try {
    // With `recursive`, Node reports ENOENT on a read-only disk. The second call reports the true reason.
    await mkdir(folder, { recursive: true }).catch(() => mkdir(folder));
  } catch (cause) {
    const { code = 'error' } = cause as NodeJS.ErrnoException;
    const message = `${folder}: cannot be created (${code})`;
    throw new RunError('cannot-create', message, { cause });
  }
}

/** Refuses links in place of the run's own files and folders: they would lead to files of others. */
async function checkPlaces(folder: string): Promise<void> {
  const places = {
    ...{ 'run.json': 'file', [RESULTS_FILE]: 'file' },
    ...{ [RUN_IMAGES_FOLDER]: 'folder', [PARTS_FOLDER]: 'folder' },
  };
  for (const [name, expected] of Object.entries(places)) {
    const found = await kindOfPlace(path.join(folder, name));
    if (found === 'nothing' || found === expected) continue;
    throw new RunError(
      'cannot-create',
      `${path.join(folder, name)}: expected a plain ${expected}, found a link or something else; remove it, or choose another --out`,
    );
  }
}

/** Takes the outcomes of workers that an earlier start of the run left into the results. */
async function takeParts(
  folder: string,
  results: string,
  note: (text: string) => void,
): Promise<void> {
  if ((await kindOfPlace(path.join(folder, PARTS_FOLDER))) === 'nothing') return;
  if ((await kindOfPlace(results)) !== 'nothing') await dropTornLine(results);
  const count = await absorbParts(folder, results);
  if (count > 0) note(`took the outcomes of workers into the results: ${count} images`);
}

/**
 * `run.json` of the run in the folder; null where there is none yet. A process that was killed before it
 * wrote `run.json`, or a full disk, leaves an empty `results.jsonl`: no image was done.
 */
async function readRunBefore(folder: string, resume: boolean): Promise<RunFile | null> {
  const visible = (await readdir(folder)).filter((name) => !name.startsWith('.'));
  const isBegun = await Promise.all(visible.map(async (name) => !(await isLeftOver(folder, name))));
  if (!isBegun.includes(true)) return null;
  const isRun = visible.includes('run.json') || visible.includes(RESULTS_FILE);
  if (!resume || !isRun) {
    throw new RunError(
      'cannot-create',
      isRun
        ? `${folder} already holds a run; add --resume to finish it, or choose another --out`
        : `${folder} is not empty and holds no run; choose another --out`,
    );
  }
  try {
    return await readRunJson(folder);
  } catch (cause) {
    if (!isRunError(cause)) throw cause;
    throw new RunError(
      'data',
      `${cause.message}; without run.json nobody knows the settings of its results: choose another --out`,
      { cause },
    );
  }
}

/** Whether an entry may exist before the run has its `run.json`: a temporary file, or an empty file. */
async function isLeftOver(folder: string, name: string): Promise<boolean> {
  if (name === 'run.json.part') return true;
  if (name !== RESULTS_FILE && name !== 'run.json') return false;
  const file = path.join(folder, name);
  return (await kindOfPlace(file)) === 'file' && (await stat(file)).size === 0;
}
