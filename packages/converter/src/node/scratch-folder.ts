import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { lstat, mkdir, readdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { LockedError, WriteError } from '../errors.ts';
import { acquireLock, type Lock } from './lock.ts';

/** A folder that this process alone uses while it works. */
export interface ScratchFolder {
  readonly path: string;
  /** Removes the folder and everything in it. */
  remove(): Promise<void>;
}

/**
 * A file which shows that this package made the folder, and for what purpose. A folder without it is never
 * touched, unless it is empty or contains only a lock.
 */
const MARK_FILE = '.gradcam.json';
const MARK = '{"madeBy":"gradcam"}\n';
/** The lock that is held while the folder is in use. */
const LOCK_NAME = '.lock';
/** Names of the lock, including what a process left that was killed while it tried to take the lock. */
const LOCK_NAMES = /^\.lock(-[0-9a-f]{6})?$/;

/**
 * The random end of a folder's name. It is longer than what `mkdtemp` adds, and no person gives a folder
 * such a name.
 */
const RANDOM_NAME = /^[0-9a-f]{12}$/;

/**
 * The most attempts. An attempt fails only if another process looks for dead folders within the same few
 * microseconds.
 */
const MAX_ATTEMPTS = 8;

/** Folders of this process. They are removed when it exits, unless it is killed. */
const inUse = new Set<string>();

/**
 * Creates the folder `<prefix><12 hex digits>`, and removes folders with the same prefix whose process was
 * killed.
 *
 * @param prefix a path whose last part begins the folder's name
 * @throws WriteError
 */
export async function createScratchFolder(prefix: string): Promise<ScratchFolder> {
  await removeDeadFolders(prefix);
  for (let attempt = 1; ; attempt++) {
    try {
      await mkdir(dirname(prefix), { recursive: true });
      return await makeFolder(`${prefix}${randomBytes(6).toString('hex')}`);
    } catch (error) {
      // A process that looked for dead folders found this one before it had its lock and mark.
      const isTaken = error instanceof LockedError || isGone(error);
      if (isTaken && attempt < MAX_ATTEMPTS) continue;
      throw error instanceof WriteError ? error : new WriteError(dirname(prefix), error);
    }
  }
}

function isGone(error: unknown): boolean {
  const cause = error instanceof WriteError ? error.cause : error;
  return cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
}

async function makeFolder(path: string): Promise<ScratchFolder> {
  // The parent folder may be shared by all users, so only this user may read what is unpacked here.
  await mkdir(path, { mode: 0o700 });
  let lock: Lock | undefined;
  try {
    // The lock comes before the mark, because a marked folder without a lock counts as a dead process's
    // folder.
    lock = await acquireLock(join(path, LOCK_NAME));
    await writeFile(join(path, MARK_FILE), MARK);
  } catch (error) {
    await rm(join(path, MARK_FILE), REMOVE_ALL).catch(() => undefined);
    await lock?.release();
    await rmdir(path).catch(() => undefined);
    throw error;
  }
  if (inUse.size === 0) process.on('exit', removeAll);
  inUse.add(path);
  const held = lock;
  return { path, remove: () => removeFolder(path, held) };
}

/**
 * Takes the locks of all folders of a prefix whose process is gone. The caller must remove each of them.
 * Folders in use, and names that were not made here, are left alone.
 */
async function listDeadFolders(prefix: string): Promise<ScratchFolder[]> {
  const parent = dirname(prefix);
  const dead: ScratchFolder[] = [];
  for (const path of await listCandidates(prefix, parent)) {
    if (!(await isOwnFolder(path))) continue;
    if (!(await isMarked(path))) {
      await removeUnmarked(path);
      continue;
    }
    const lock = await acquireLock(join(path, LOCK_NAME)).catch(() => undefined);
    if (lock !== undefined) dead.push({ path, remove: () => removeFolder(path, lock) });
  }
  return dead;
}

/** Removes the folders of a prefix whose process was killed. */
export async function removeDeadFolders(prefix: string): Promise<void> {
  for (const dead of await listDeadFolders(prefix)) await dead.remove();
}

/** True if {@link removeDeadFolders} may have something to remove. It only lists the parent folder. */
export async function hasScratchFolders(prefix: string): Promise<boolean> {
  return (await listCandidates(prefix, dirname(prefix))).length > 0;
}

const REMOVE_ALL = { recursive: true, force: true } as const;

async function removeFolder(path: string, lock: Lock): Promise<void> {
  // The mark is removed last, so that the next run finds the folder again if this is interrupted.
  for (const name of await readdir(path).catch((): string[] => [])) {
    if (name !== MARK_FILE && name !== LOCK_NAME) await rm(join(path, name), REMOVE_ALL);
  }
  await rm(join(path, MARK_FILE), REMOVE_ALL);
  await lock.release();
  // This fails while another process looks for dead folders; that process then removes the folder.
  await rmdir(path).catch(() => undefined);
  inUse.delete(path);
  if (inUse.size === 0) process.off('exit', removeAll);
}

function removeAll(): void {
  for (const path of inUse) {
    try {
      rmSync(path, REMOVE_ALL);
    } catch {
      // The next process removes it.
    }
  }
}

async function listCandidates(prefix: string, parent: string): Promise<string[]> {
  const names = await readdir(parent).catch((): string[] => []);
  const start = basename(prefix);
  return names
    .filter((name) => name.startsWith(start) && RANDOM_NAME.test(name.slice(start.length)))
    .map((name) => join(parent, name));
}

/**
 * Whether the path is a folder of this user and not a link. In a folder that all users share, others could
 * point a link elsewhere.
 */
async function isOwnFolder(path: string): Promise<boolean> {
  const stats = await lstat(path).catch(() => undefined);
  const uid = process.getuid?.();
  return stats?.isDirectory() === true && (uid === undefined || stats.uid === uid);
}

/**
 * Whether the folder has a mark, even an incomplete one of a process that was killed or whose disk was
 * full.
 */
async function isMarked(path: string): Promise<boolean> {
  const text = await readFile(join(path, MARK_FILE), 'utf8').catch(() => undefined);
  return text !== undefined && MARK.startsWith(text);
}

/**
 * Removes the folder of a process that was killed before it wrote the mark. Such a folder is empty or
 * contains only a lock.
 */
async function removeUnmarked(path: string): Promise<void> {
  const names = await readdir(path).catch(() => null);
  if (names === null || !names.every((name) => LOCK_NAMES.test(name))) return;
  // This fails if another process is just creating the folder.
  const lock = await acquireLock(join(path, LOCK_NAME)).catch(() => undefined);
  await lock?.release();
  // Only an empty folder is removed.
  await rmdir(path).catch(() => undefined);
}
