import { acquireLock, type Lock } from '@gradcam/converter/node';
import { isFailure, validateRun, type RunFile } from '@gradcam/core';
import { createHash } from 'node:crypto';
import { unlinkSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { isWebAddress } from '../inputs/web-address.ts';
import { nameImages, type ImageNames } from './image-names.ts';
import { mapInOrder } from './map-in-order.ts';
import { dropLines, openResults, scanResults, type ResultsFile } from './results-file.ts';
import { openRunDirectory, type RunDirectory } from './run-directory.ts';
import { checkSameSettings } from './run-settings.ts';
import type { RunTally } from './run-tally.ts';

/** Names the process that writes into the folder. */
const LOCK_FILE = '.lock';

/** Images hashed side by side while a run is resumed. */
const CHECKED_AT_ONCE = 8;

/** A run's folder that this process alone writes into. */
export interface OpenRun {
  readonly directory: RunDirectory;
  readonly results: ResultsFile;
  readonly names: ImageNames;
  /** Images without a line that holds, in the order given. */
  readonly pending: readonly string[];
  /** Of the run before, when it is resumed. */
  readonly before: RunFile | null;
  close(): Promise<void>;
}

export interface OpenRunRequest {
  readonly resume: boolean;
  readonly images: readonly string[];
  /** What would be written into `run.json`; a run that is resumed must have been made the same way. */
  readonly run: Pick<RunFile, 'model' | 'settings'>;
  readonly tally: RunTally;
  readonly note: (text: string) => void;
}

/**
 * Makes the folder of a new run, or with `resume` opens one and finds what is left to do. An image is
 * finished when its line is whole, all files that it names are there, and its bytes are those of the
 * line's sha256 (an address stands for its content). Failed images are tried again.
 *
 * @throws CommandError 73 where the folder cannot be made, is not empty, or another process writes into
 *   it; 64 where the run was made with other settings; 65 where it cannot be read.
 */
export async function openRun(folder: string, request: OpenRunRequest): Promise<OpenRun> {
  const { images, resume } = request;
  await makeFolder(folder);
  const lock = await lockFolder(folder);
  try {
    const before = await readRunBefore(folder, resume);
    const directory = openRunDirectory(folder);
    const file = path.join(folder, 'results.jsonl');
    const names = nameImages(folder, before?.files?.original);
    let pending = images;
    if (before !== null) {
      checkSameSettings(folder, before, request.run);
      pending = await findPending(file, names, request);
    }
    const results = await openResults(file);
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

async function makeFolder(folder: string): Promise<void> {
  try {
    // With `recursive` alone Node says ENOENT of a read-only disk; the second call says why.
    await mkdir(folder, { recursive: true }).catch(() => mkdir(folder));
  } catch (cause) {
    const { code = 'error' } = cause as NodeJS.ErrnoException;
    const message = `${folder}: cannot be created (${code})`;
    throw new CommandError(exitCodes.cannotCreate, message, { cause });
  }
}

/** The lock also goes when the process exits early, but for a kill: then it names a dead process. */
async function lockFolder(folder: string): Promise<Lock> {
  const file = path.join(folder, LOCK_FILE);
  const lock = await acquireLock(file);
  const unlock = (): void => {
    try {
      unlinkSync(file);
    } catch {
      // Gone already.
    }
  };
  process.once('exit', unlock);
  return {
    async release() {
      process.off('exit', unlock);
      await lock.release();
    },
  };
}

async function readRunBefore(folder: string, resume: boolean): Promise<RunFile | null> {
  const visible = (await readdir(folder)).filter((name) => !name.startsWith('.'));
  if (visible.length === 0) return null;
  const isRun = visible.includes('run.json') || visible.includes('results.jsonl');
  if (!resume || !isRun) {
    throw new CommandError(
      exitCodes.cannotCreate,
      isRun
        ? `${folder} already holds a run; add --resume to finish it, or choose another --out`
        : `${folder} is not empty and holds no run; choose another --out`,
    );
  }
  const text = await readFile(path.join(folder, 'run.json'), 'utf8').catch(() => 'null');
  try {
    return validateRun(JSON.parse(text));
  } catch (cause) {
    throw new CommandError(
      exitCodes.badData,
      `${folder}: its run.json is missing or broken, so nobody knows how its results were made; choose another --out`,
      { cause },
    );
  }
}

interface Finished {
  readonly number: number;
  readonly image: string;
  readonly sha256: string;
  readonly files: readonly string[];
}

/** Drops what does not hold from the results and returns the images that are to be done. */
async function findPending(
  file: string,
  names: ImageNames,
  { images, tally, note }: OpenRunRequest,
): Promise<readonly string[]> {
  if ((await stat(file).catch(() => null)) === null) return images;
  const wanted = new Map(images.map((image) => [names.placeOf(image), image]));
  const finished = new Map<string, Finished>();
  const dropped = new Set<number>();
  const counted = new Map<number, () => void>();
  const { torn } = await scanResults(file, (line, number) => {
    const place = names.placeOfLine(line.image);
    if (isFailure(line)) {
      if (wanted.has(place)) dropped.add(number);
      else counted.set(number, () => tally.addFailure());
      return;
    }
    const files = [
      ...line.explanations.flatMap((one) => Object.values(one.files)),
      ...(line.sweeps ?? []).map((sweep) => sweep.file),
    ];
    const earlier = finished.get(place);
    if (earlier !== undefined) dropped.add(earlier.number);
    finished.set(place, { number, image: line.image, sha256: line.sha256, files });
    const { correct } = line;
    counted.set(number, () => tally.add({ correct }));
  });

  const held = new Set<string>();
  const stale: string[] = [];
  const check = async ([place, one]: [string, Finished]) => {
    const source = wanted.get(place);
    const isHeld = source === undefined || (await holds(path.dirname(file), source, one));
    return { place, isHeld, one };
  };
  for await (const { place, isHeld, one } of mapInOrder(finished, CHECKED_AT_ONCE, check)) {
    const folders = one.files.map((name) => path.posix.dirname(name));
    if (isHeld) {
      if (wanted.has(place)) held.add(place);
      names.take(folders);
    } else {
      dropped.add(one.number);
      stale.push(...folders);
    }
  }
  if (torn > 0) note(`the last line of ${file} was cut short (${torn} bytes) and is made again`);
  if (torn > 0 || dropped.size > 0) await dropLines(file, dropped);
  // Only then: a line in the file always has its pictures.
  for (const folder of new Set(stale)) {
    await rm(path.join(path.dirname(file), folder), { recursive: true, force: true });
  }
  for (const [number, count] of counted) if (!dropped.has(number)) count();
  const pending = images.filter((image) => !held.has(names.placeOf(image)));
  note(`resumed: ${held.size} of ${images.length} images are done, ${pending.length} to do`);
  return pending;
}

async function holds(
  folder: string,
  source: string,
  { files, sha256 }: Finished,
): Promise<boolean> {
  for (const name of files) {
    const stats = await stat(path.join(folder, name)).catch(() => null);
    // Empty: a power cut between the renaming and the writing of the bytes.
    if (stats === null || stats.size === 0) return false;
  }
  if (isWebAddress(source)) return true;
  const bytes = await readFile(source).catch(() => null);
  return bytes !== null && createHash('sha256').update(bytes).digest('hex') === sha256;
}
