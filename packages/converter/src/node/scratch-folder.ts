import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { lstat, mkdir, readdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { LockedError, WriteError } from '../errors.ts';
import { acquireLock, type Lock } from './lock.ts';

/** A folder of this process alone, for the time of some work. */
export interface ScratchFolder {
  readonly path: string;
  /** Removes the folder with all that is in it. */
  remove(): Promise<void>;
}

/** Says that the folder was made here, and what for; a folder without it is never touched. */
const MARK_FILE = '.gradcam.json';
const MARK = '{"madeBy":"gradcam"}\n';
/** Held while the folder is in use. */
const LOCK_NAME = '.lock';
/** Also of a process that was killed while it asked for it. */
const LOCK_NAMES = /^\.lock(-[0-9a-f]{6})?$/;

/** Longer than what `mkdtemp` adds: no name that a person gives a folder ends so. */
const RANDOM_NAME = /^[0-9a-f]{12}$/;

/** Each meets another process that looks for dead folders in a moment of microseconds. */
const MAX_ATTEMPTS = 8;

/** Folders of this process; they go when it exits, but for a kill. */
const inUse = new Set<string>();

/**
 * Makes the folder `<prefix><12 hex digits>`, and removes those of that prefix whose process was killed.
 *
 * @param prefix a path; the end of it begins the folder's name
 * @throws WriteError
 */
export async function createScratchFolder(prefix: string): Promise<ScratchFolder> {
  await removeDeadFolders(prefix);
  for (let attempt = 1; ; attempt++) {
    try {
      await mkdir(dirname(prefix), { recursive: true });
      return await makeFolder(`${prefix}${randomBytes(6).toString('hex')}`);
    } catch (error) {
      // One that looked for dead folders saw this one before its lock and mark.
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
  // What is unpacked in a folder that all share is this user's alone.
  await mkdir(path, { mode: 0o700 });
  let lock: Lock | undefined;
  try {
    // Before the mark: a marked folder without a lock is a dead process's.
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
 * The folders of a prefix whose process is gone, held by this one now; remove each. Folders in use are left
 * alone, and so is every name that is not one of ours.
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

/** True when there may be something for {@link removeDeadFolders}; one look into the parent folder. */
export async function hasScratchFolders(prefix: string): Promise<boolean> {
  return (await listCandidates(prefix, dirname(prefix))).length > 0;
}

const REMOVE_ALL = { recursive: true, force: true } as const;

async function removeFolder(path: string, lock: Lock): Promise<void> {
  // The mark goes when nothing else is left: what is interrupted here is found again.
  for (const name of await readdir(path).catch((): string[] => [])) {
    if (name !== MARK_FILE && name !== LOCK_NAME) await rm(join(path, name), REMOVE_ALL);
  }
  await rm(join(path, MARK_FILE), REMOVE_ALL);
  await lock.release();
  // Not empty while another process looks for dead folders; it removes this one.
  await rmdir(path).catch(() => undefined);
  inUse.delete(path);
  if (inUse.size === 0) process.off('exit', removeAll);
}

function removeAll(): void {
  for (const path of inUse) {
    try {
      rmSync(path, REMOVE_ALL);
    } catch {
      // The next process does it.
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

/** A folder of this user, no link: in a folder that all share, others could turn a link elsewhere. */
async function isOwnFolder(path: string): Promise<boolean> {
  const stats = await lstat(path).catch(() => undefined);
  const uid = process.getuid?.();
  return stats?.isDirectory() === true && (uid === undefined || stats.uid === uid);
}

/** Also by a mark that a killed process, or one on a full disk, wrote half of. */
async function isMarked(path: string): Promise<boolean> {
  const text = await readFile(join(path, MARK_FILE), 'utf8').catch(() => undefined);
  return text !== undefined && MARK.startsWith(text);
}

/** A process killed before its mark was written left an empty folder, or one with a lock and nothing else. */
async function removeUnmarked(path: string): Promise<void> {
  const names = await readdir(path).catch(() => null);
  if (names === null || !names.every((name) => LOCK_NAMES.test(name))) return;
  // Fails where the folder is just being made.
  const lock = await acquireLock(join(path, LOCK_NAME)).catch(() => undefined);
  await lock?.release();
  // Only an empty folder goes.
  await rmdir(path).catch(() => undefined);
}
