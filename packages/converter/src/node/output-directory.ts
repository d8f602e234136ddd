import { mkdir, readdir, realpath, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { LockedError, WriteError } from '../errors.ts';
import { acquireLock, type Lock } from './lock.ts';
import { REPLACED_FILE } from './replace-file.ts';
import { listStrayFiles, replaceModel, syncDirectory } from './replace-model.ts';
import { createScratchFolder, hasScratchFolders, removeDeadFolders } from './scratch-folder.ts';

/** The new content of a model folder, which is written next to the folder. */
export interface PendingOutput {
  /** Empty folder to write the artifact into. */
  readonly artifactPath: string;
  /** Empty folder for unpacked files, which is removed at the end. */
  readonly scratchPath: string;
  /** Puts the artifact in the place of the model folder. */
  commit(): Promise<void>;
}

/** Names that this package writes into a model folder. A folder that contains other names is not replaced. */
const OWN_FILES = /^(model\.json|group\d+-shard\d+of\d+\.bin)$/;

/** The file in which the command keeps what its user has stated about a model. */
const DESCRIPTION_FILE = 'gradcam.json';

/** The parts of the scratch folder: the new artifact, and unpacked files. */
const ARTIFACT = 'artifact';
const UNPACKED = 'unpacked';

/**
 * Runs `work` with a place for a new artifact, while it holds the lock `.gradcam-<name>.lock` beside the
 * directory. Until `commit`, everything is written into a folder `.gradcam-<name>-<random>` that this call
 * creates, so no other name is touched. Only `commit` changes `directory`. At every moment the directory
 * contains a complete artifact, the earlier or the new one. The next run removes what a killed one left.
 *
 * @param describesNew whether a `gradcam.json` in the directory is also right for the new artifact. It is
 *   asked only where there is one; if it is not right, the directory is not replaced.
 * @throws LockedError, WriteError
 */
export async function withOutputDirectory<T>(
  directory: string,
  work: (output: PendingOutput) => Promise<T>,
  describesNew: () => Promise<boolean> = async () => false,
): Promise<T> {
  const target = await followLink(directory);
  return withDirectoryLock(target, async (lock) => {
    await requireReplaceable(target, describesNew);
    const scratch = await createScratchFolder(prefixOf(target));
    const artifactPath = join(scratch.path, ARTIFACT);
    const scratchPath = join(scratch.path, UNPACKED);
    try {
      for (const path of [artifactPath, scratchPath]) await make(path);
      const commit = async () => {
        await lock.assertHeld();
        // Another process may have added files to the folder in the meantime; these must not be removed.
        await requireReplaceable(target, describesNew);
        await replaceDirectory(artifactPath, target);
      };
      return await work({ artifactPath, scratchPath, commit });
    } finally {
      await scratch.remove();
    }
  });
}

/**
 * Runs `work` while no other process can replace the directory. The directory is complete during this time,
 * because the remains of a killed process are first removed.
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
 * Removes what killed runs left beside a directory that needs no other work. If another process works on
 * it, or if nothing can be written, everything is left as it is.
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
  if (names.some((name) => name.startsWith(lockName))) return true;
  return (await hasScratchFolders(prefixOf(target))) || (await listStrayFiles(target)).length > 0;
}

function prefixOf(target: string): string {
  return join(dirname(target), `.gradcam-${basename(target)}-`);
}

/** Resolves a link: the folder that it points to is replaced, not the link. */
async function followLink(directory: string): Promise<string> {
  return realpath(directory).catch(() => directory);
}

/**
 * Removes what killed runs left beside the directory and inside it. The model itself is complete at every
 * moment.
 */
async function recoverDirectory(target: string): Promise<void> {
  await removeDeadFolders(prefixOf(target));
  for (const file of await listStrayFiles(target))
    await rm(file, { force: true }).catch(() => undefined);
}

async function requireReplaceable(
  target: string,
  describesNew: () => Promise<boolean>,
): Promise<void> {
  const names = (await listDirectory(target)) ?? [];
  const others = names.filter((name) => !OWN_FILES.test(name) && !REPLACED_FILE.test(name));
  const [foreign] = others;
  if (foreign === undefined) return;
  if (foreign === DESCRIPTION_FILE && others.length === 1 && (await describesNew())) return;
  throw new WriteError(
    target,
    `the folder holds '${foreign}', which is not part of a model; choose another --out, or remove that file`,
  );
}

async function make(path: string): Promise<void> {
  await mkdir(path).catch((cause: unknown) => {
    throw new WriteError(path, cause);
  });
}

/**
 * Puts the new folder in the place of the directory. An existing directory, even an empty one, is changed
 * file by file. If there is none, the new folder is renamed.
 */
async function replaceDirectory(from: string, target: string): Promise<void> {
  try {
    await syncDirectory(from);
    if ((await listDirectory(target)) !== undefined) return await replaceModel(from, target);
    await rename(from, target);
    await syncDirectory(dirname(target));
  } catch (cause) {
    throw cause instanceof WriteError ? cause : new WriteError(target, cause);
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
