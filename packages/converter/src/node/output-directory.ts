import { readdirSync, renameSync } from 'node:fs';
import { mkdir, open, readdir, realpath, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { LockedError, WriteError } from '../errors.ts';
import { acquireLock, type Lock } from './lock.ts';
import { REPLACED_FILE } from './replace-file.ts';
import { createScratchFolder, hasScratchFolders, listDeadFolders } from './scratch-folder.ts';

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

/** In the scratch folder: the new artifact, what is unpacked, and the old artifact while it is replaced. */
const ARTIFACT = 'artifact';
const UNPACKED = 'unpacked';
const REPLACED = 'replaced';

/**
 * Runs `work` with a place for a new artifact, under the lock `.gradcam-<name>.lock` beside the directory.
 * All that is written before `commit` lies in a folder `.gradcam-<name>-<random>` that this call makes, so
 * that no other name is touched. `directory` changes only by `commit`, from one whole artifact to the next;
 * the next run brings back what one killed inside `commit` moved away, and removes what it left.
 *
 * @throws LockedError, WriteError
 */
export async function withOutputDirectory<T>(
  directory: string,
  work: (output: PendingOutput) => Promise<T>,
): Promise<T> {
  const target = await followLink(directory);
  return withDirectoryLock(target, async (lock) => {
    await requireReplaceable(target);
    const scratch = await createScratchFolder(prefixOf(target));
    const artifactPath = join(scratch.path, ARTIFACT);
    const scratchPath = join(scratch.path, UNPACKED);
    try {
      for (const path of [artifactPath, scratchPath]) await make(path);
      const commit = async () => {
        await lock.assertHeld();
        // What came into the folder since then is not ours to remove.
        await requireReplaceable(target);
        await replaceDirectory(artifactPath, target, join(scratch.path, REPLACED));
      };
      return await work({ artifactPath, scratchPath, commit });
    } finally {
      await scratch.remove();
    }
  });
}

/**
 * Runs `work` while no other process replaces the directory, which is whole then: what a killed one left is
 * put in order before.
 *
 * @throws LockedError, WriteError
 */
export async function withDirectoryLock<T>(
  directory: string,
  work: (lock: Lock) => Promise<T>,
): Promise<T> {
  const target = await followLink(directory);
  const lock = await acquireLock(join(dirname(target), `.gradcam-${basename(target)}.lock`));
  try {
    await recoverDirectory(target);
    return await work(lock);
  } finally {
    await lock.release();
  }
}

/**
 * Removes what killed runs left beside a directory that needs no work. Where another process works on it, or
 * nothing can be written, it is left as it is.
 */
export async function tidyOutputDirectory(directory: string): Promise<void> {
  const target = await followLink(directory);
  if (!(await hasLeftovers(target))) return;
  await withDirectoryLock(target, async () => undefined).catch((error: unknown) => {
    if (!(error instanceof LockedError) && !(error instanceof WriteError)) throw error;
  });
}

async function hasLeftovers(target: string): Promise<boolean> {
  const lockName = `.gradcam-${basename(target)}.lock`;
  const names = await readdir(dirname(target)).catch((): string[] => []);
  return names.some((name) => name.startsWith(lockName)) || hasScratchFolders(prefixOf(target));
}

function prefixOf(target: string): string {
  return join(dirname(target), `.gradcam-${basename(target)}-`);
}

/** The folder that a link stands for is what is replaced, not the link. */
async function followLink(directory: string): Promise<string> {
  return realpath(directory).catch(() => directory);
}

/** A run killed inside `commit` may have moved the old artifact away and not the new one in. */
async function recoverDirectory(target: string): Promise<void> {
  for (const dead of await listDeadFolders(prefixOf(target))) {
    const isGone = (await listDirectory(target)) === undefined;
    // Fails where nothing was moved away.
    if (isGone) await rename(join(dead.path, REPLACED), target).catch(() => undefined);
    await dead.remove();
  }
}

async function requireReplaceable(target: string): Promise<void> {
  const names = (await listDirectory(target)) ?? [];
  const foreign = names.find((name) => !OWN_FILES.test(name) && !REPLACED_FILE.test(name));
  if (foreign === undefined) return;
  throw new WriteError(
    target,
    `the folder holds '${foreign}', which is no part of a model; choose another --out, or remove it`,
  );
}

async function make(path: string): Promise<void> {
  await mkdir(path).catch((cause: unknown) => {
    throw new WriteError(path, cause);
  });
}

async function replaceDirectory(from: string, target: string, old: string): Promise<void> {
  try {
    await syncDirectory(from);
    swap(from, target, old);
    await syncDirectory(dirname(target));
  } catch (cause) {
    throw new WriteError(target, cause);
  }
}

/** No moment of another task's between the two: the model is away for microseconds. */
function swap(from: string, target: string, old: string): void {
  const isThere = existsAsDirectory(target);
  if (isThere) renameSync(target, old);
  try {
    renameSync(from, target);
  } catch (error) {
    if (isThere) renameSync(old, target);
    throw error;
  }
}

function existsAsDirectory(path: string): boolean {
  try {
    readdirSync(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
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
