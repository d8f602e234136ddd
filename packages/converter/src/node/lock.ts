import { randomBytes, randomUUID } from 'node:crypto';
import { rmdirSync, unlinkSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rmdir, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isConverterError, LockedError, WriteError } from '../errors.ts';
import {
  HEARTBEAT_MS,
  isHolderAlive,
  ownHolder,
  parseHolder,
  SILENT_MS,
  type Holder,
} from './holder.ts';

/** A lock that this process holds. */
export interface Lock {
  /**
   * Checks that this process still holds the lock. Call it before a step that cannot be undone: a process
   * that was suspended for a long time on a shared folder may have been taken for dead, and its lock given
   * to another process.
   *
   * @throws LockedError when another process holds the lock now; WriteError when somebody removed it
   */
  assertHeld(): Promise<void>;
  release(): Promise<void>;
}

/**
 * Attempts to take the lock. When several processes find a dead lock, at least one of them makes progress
 * in each attempt.
 */
const MAX_ATTEMPTS = 32;

const HOLDER_FILE = /^holder-[0-9a-f-]{36}\.json$/;

/**
 * The locks of this process: the path of each lock by its holder's file. They are released when the process
 * exits, unless it is killed.
 */
const held = new Map<string, string>();

/**
 * Takes the lock `path`, which is a folder with one file that names its holder. The lock of a dead process
 * is taken over. On this machine, whether the process is alive is known at once; a holder on another
 * machine, or in a container with process ids of its own, counts as dead after {@link SILENT_MS} without a
 * heartbeat.
 *
 * At every moment there is at most one holder, because the file system itself checks the condition of each
 * step:
 * - A process renames a folder that contains its holder's file to `path`. The rename fails unless `path`
 *   does not exist or is an empty folder.
 * - The file of a dead holder is removed by its own name, which no other holder's file has.
 * - An empty folder belongs to nobody, and only an empty folder can be removed.
 *
 * @throws LockedError when a living process holds the lock; WriteError when the lock cannot be written, or
 * when `path` is something other than a lock
 */
export async function acquireLock(path: string): Promise<Lock> {
  await mkdir(dirname(path), { recursive: true }).catch((cause: unknown) => {
    throw new WriteError(dirname(path), cause);
  });
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const name = `holder-${randomUUID()}.json`;
    const candidate = `${path}-${randomBytes(3).toString('hex')}`;
    try {
      await mkdir(candidate);
      await writeHolder(join(candidate, name), 'wx');
      if (await moveInto(candidate, path, name)) {
        const lock = hold(path, name);
        await sweepCandidates(path, () => readClock(join(path, name)));
        return lock;
      }
      await removeDead(path, () => readClock(join(candidate, name)));
    } catch (error) {
      // Another process removed this candidate before its file was complete, because it took it for a dead
      // one.
      if (codeOf(error) === 'ENOENT') continue;
      throw isConverterError(error) ? error : new WriteError(path, error);
    } finally {
      await removeCandidate(candidate, name);
    }
  }
  throw new LockedError(path);
}

/** Removes only the folder and the file named here: other files in the folder were not written by us. */
async function removeCandidate(candidate: string, name: string | undefined): Promise<void> {
  if (name !== undefined) await unlink(join(candidate, name)).catch(() => undefined);
  await rmdir(candidate).catch(() => undefined);
}

/**
 * Writes the holder's file. The heartbeat writes it again, and the file system records the time by its own
 * clock.
 */
async function writeHolder(file: string, flags: 'wx' | 'r+'): Promise<void> {
  const handle = await open(file, flags);
  try {
    await handle.writeFile(JSON.stringify(ownHolder));
  } finally {
    await handle.close();
  }
}

/**
 * Codes of a rename that fails because the name is taken. Windows reports EPERM or EACCES for any existing
 * folder.
 */
const TAKEN = new Set(['ENOTEMPTY', 'EEXIST', 'ENOTDIR', 'EPERM', 'EACCES', 'EBUSY']);

async function moveInto(candidate: string, path: string, name: string): Promise<boolean> {
  const file = join(path, name);
  try {
    await rename(candidate, path);
    // The rename may have moved a folder that has been emptied in the meantime, and an empty folder is no
    // lock.
    return await exists(file);
  } catch (cause) {
    // A file server may have renamed the folder although its answer was lost.
    if (await exists(file)) return true;
    if (TAKEN.has(codeOf(cause))) return false;
    throw cause;
  }
}

/**
 * Removes the file of a dead holder, or an empty folder. It throws if a living process holds the lock by
 * now.
 */
async function removeDead(path: string, now: () => Promise<number>): Promise<void> {
  const names = await readdir(path).catch((error: unknown) => codeOf(error));
  if (names === 'ENOENT') return;
  if (names === 'ENOTDIR') return removeDeadFile(path);
  // The folder belongs to another user and cannot be read.
  if (typeof names === 'string') throw new LockedError(path);
  const [name] = names;
  if (name === undefined) return void (await rmdir(path).catch(() => undefined));
  const foreign = names.find((other) => !HOLDER_FILE.test(other));
  if (foreign !== undefined)
    throw new WriteError(path, `it holds '${foreign}', so it is not a lock; rename or remove it`);
  const { holder, isAlive } = await judge(join(path, name), now);
  if (isAlive) throw tellHolder(path, holder);
  await unlink(join(path, name)).catch(() => undefined);
}

function tellHolder(path: string, holder: Holder | undefined): LockedError {
  const isElsewhere = holder !== undefined && holder.host !== ownHolder.host;
  return new LockedError(path, holder?.pid, isElsewhere ? holder.host : undefined);
}

/**
 * Removes the lock file of a dead process: earlier versions wrote a file where the folder is now. `unlink`
 * removes no folder, so a lock of this version stays.
 */
async function removeDeadFile(path: string): Promise<void> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return;
  const holder = parseHolder(text);
  if (holder === undefined && text !== '') {
    throw new WriteError(path, 'a file that is not a lock is in its place; rename or remove it');
  }
  if (holder !== undefined && (await isHolderAlive(holder, async () => 0))) {
    throw tellHolder(path, holder);
  }
  await unlink(path).catch(() => undefined);
}

/**
 * The holder that a file names, and whether it is alive. An empty file remains when a machine loses its
 * power.
 */
async function judge(file: string, now: () => Promise<number>) {
  const text = await readFile(file, 'utf8').catch((error: unknown) => ({ code: codeOf(error) }));
  // ENOENT: the file was removed in the meantime. A file that cannot be read may belong to a living
  // process.
  if (typeof text !== 'string') return { holder: undefined, isAlive: text.code !== 'ENOENT' };
  const holder = parseHolder(text);
  const silentMs = () => measureSilence(file, now);
  const isAlive =
    holder === undefined ? (await silentMs()) < SILENT_MS : await isHolderAlive(holder, silentMs);
  return { holder, isAlive };
}

/** The time since a file, or the list of a folder's files, was last written, in milliseconds. */
async function measureSilence(path: string, now: () => Promise<number>): Promise<number> {
  const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: -Infinity }));
  return (await now()) - mtimeMs;
}

/**
 * The file system's time in milliseconds, read by writing our own file. All machines that share a folder
 * have this clock in common.
 */
async function readClock(file: string): Promise<number> {
  await writeHolder(file, 'r+');
  return (await stat(file)).mtimeMs;
}

function hold(path: string, name: string): Lock {
  const file = join(path, name);
  if (held.size === 0) process.on('exit', releaseAll);
  held.set(file, path);
  // If a heartbeat fails, the next one follows. A heartbeat never creates a file that was removed.
  const beat = () => void writeHolder(file, 'r+').catch(() => undefined);
  const heart = setInterval(beat, HEARTBEAT_MS).unref();
  return {
    async assertHeld() {
      if (await exists(file)) return;
      // This call throws an error that names the present holder. At time 0 no holder has been silent, so
      // none is removed.
      await removeDead(path, async () => 0);
      throw new WriteError(path, 'the lock of this process was removed while it worked');
    },
    async release() {
      clearInterval(heart);
      held.delete(file);
      if (held.size === 0) process.off('exit', releaseAll);
      await unlink(file).catch(() => undefined);
      // This fails if the next holder is already in the folder, which is right.
      await rmdir(path).catch(() => undefined);
    },
  };
}

function releaseAll(): void {
  for (const [file, path] of held) {
    try {
      unlinkSync(file);
      rmdirSync(path);
    } catch {
      // The lock was removed already, or another process holds it.
    }
  }
}

/** Removes the candidate folders of processes that were killed while they tried to take the lock. */
async function sweepCandidates(path: string, now: () => Promise<number>): Promise<void> {
  const folder = dirname(path);
  const prefix = `${basename(path)}-`;
  for (const other of await readdir(folder).catch((): string[] => [])) {
    if (!other.startsWith(prefix) || !/^[0-9a-f]{6}$/.test(other.slice(prefix.length))) continue;
    const candidate = join(folder, other);
    const names = await readdir(candidate).catch(() => null);
    if (names === null || names.length > 1 || !names.every((name) => HOLDER_FILE.test(name)))
      continue;
    const [name] = names;
    if (name !== undefined) {
      const { holder, isAlive } = await judge(join(candidate, name), now);
      if (holder !== undefined && isAlive) continue;
    }
    // If a process is just creating this candidate, it notices the loss and creates another one.
    await removeCandidate(candidate, name);
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'error';
}
