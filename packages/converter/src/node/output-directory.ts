import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { WriteError } from '../errors.ts';
import { acquireLock } from './lock.ts';

/** A new content for a model folder, written beside it. */
export interface PendingOutput {
  /** Empty folder to write the artifact into. */
  readonly artifactPath: string;
  /** Empty folder for whatever has to be unpacked; removed in the end. */
  readonly scratchPath: string;
  /** Puts the artifact in the place of the model folder. */
  commit(): Promise<void>;
}

/** Names this package writes into a model folder; a folder with others in it is not replaced. */
const OWN_FILES = /^(model\.json|group\d+-shard\d+of\d+\.bin)$/;

/**
 * Runs `work` with a place for a new artifact, under the lock `<directory>.lock`. Whatever happens,
 * nothing half-written stays for long: `directory` changes only by `commit`, from one whole artifact
 * to the next, and the next run removes what a killed one left.
 *
 * @throws LockedError, WriteError
 */
export async function withOutputDirectory<T>(
  directory: string,
  work: (output: PendingOutput) => Promise<T>,
): Promise<T> {
  const lock = await acquireLock(`${directory}.lock`);
  const artifactPath = `${directory}.new`;
  const scratchPath = `${directory}.unpacked`;
  try {
    await recoverDirectory(directory);
    await requireReplaceable(directory);
    for (const path of [artifactPath, scratchPath]) await makeEmpty(path);
    const commit = () => replaceDirectory(artifactPath, directory);
    return await work({ artifactPath, scratchPath, commit });
  } finally {
    for (const path of [artifactPath, scratchPath]) await rm(path, REMOVE_ALL);
    await lock.release();
  }
}

const REMOVE_ALL = { recursive: true, force: true } as const;

/** A run killed inside `commit` may have moved the old artifact away and not the new one in. */
async function recoverDirectory(directory: string): Promise<void> {
  const present = await listDirectory(directory);
  if (present === undefined) await rename(`${directory}.old`, directory).catch(() => undefined);
  else await rm(`${directory}.old`, REMOVE_ALL);
}

async function requireReplaceable(directory: string): Promise<void> {
  const names = (await listDirectory(directory)) ?? [];
  const foreign = names.find((name) => !OWN_FILES.test(name));
  if (foreign === undefined) return;
  throw new WriteError(
    directory,
    `the folder holds '${foreign}', which is no part of a model; choose another --out, or remove it`,
  );
}

async function makeEmpty(path: string): Promise<void> {
  try {
    await rm(path, REMOVE_ALL);
    await mkdir(path, { recursive: true });
  } catch (cause) {
    throw new WriteError(path, cause);
  }
}

async function replaceDirectory(from: string, directory: string): Promise<void> {
  const old = `${directory}.old`;
  try {
    if ((await listDirectory(directory)) !== undefined) await rename(directory, old);
    await rename(from, directory);
    await syncDirectory(dirname(directory));
    await rm(old, REMOVE_ALL);
  } catch (cause) {
    throw new WriteError(directory, cause);
  }
}

/** Makes renames last over a loss of power, where the platform can sync folders. */
async function syncDirectory(path: string): Promise<void> {
  try {
    const handle = await open(path, 'r');
    await handle.sync().finally(() => handle.close());
  } catch {
    // Windows cannot open folders; its renames are journalled.
  }
}

async function listDirectory(path: string): Promise<string[] | undefined> {
  try {
    return await readdir(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new WriteError(path, error);
  }
}
