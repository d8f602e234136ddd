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

/** A lock this process holds. */
export interface Lock {
  /**
   * Asks before a step that cannot be taken back: a process that slept for long on a shared folder may have
   * been taken for dead.
   *
   * @throws LockedError when another process has the lock by now; WriteError when somebody removed it
   */
  assertHeld(): Promise<void>;
  release(): Promise<void>;
}

/** Several processes may find a dead lock; every round one of them gets further. */
const MAX_ATTEMPTS = 32;

const HOLDER_FILE = /^holder-[0-9a-f-]{36}\.json$/;

/** Locks of this process, by their holder's file; they go when it exits, but for a kill. */
const held = new Map<string, string>();

/**
 * Takes the lock `path`, a folder with one file that names its holder. A lock whose process is dead is taken
 * over: known at once on this machine, after {@link SILENT_MS} without a heartbeat on another or in a
 * container with process ids of its own.
 *
 * There is one holder at every moment, because every step has its condition in the file system itself:
 * - A folder with its holder's file inside is renamed to `path`, which fails unless nothing or an empty
 *   folder is there.
 * - The file of a dead holder is removed by its own name, which no other holder's file has.
 * - An empty folder is nobody's, and only an empty one can be removed.
 *
 * @throws LockedError when a living process holds it; WriteError when it cannot be written, or when
 * something lies there that is no lock
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
      // The candidate was taken for a dead process's before its file was whole.
      if (codeOf(error) === 'ENOENT') continue;
      throw isConverterError(error) ? error : new WriteError(path, error);
    } finally {
      await removeCandidate(candidate, name);
    }
  }
  throw new LockedError(path);
}

/** Takes only what is named: nothing else of that folder's is ours. */
async function removeCandidate(candidate: string, name: string | undefined): Promise<void> {
  if (name !== undefined) await unlink(join(candidate, name)).catch(() => undefined);
  await rmdir(candidate).catch(() => undefined);
}

/** The heartbeat is the same: the file system notes when, by its own clock. */
async function writeHolder(file: string, flags: 'wx' | 'r+'): Promise<void> {
  const handle = await open(file, flags);
  try {
    await handle.writeFile(JSON.stringify(ownHolder));
  } finally {
    await handle.close();
  }
}

/** What keeps a folder from being renamed to a name; Windows says EPERM or EACCES of any folder there. */
const TAKEN = new Set(['ENOTEMPTY', 'EEXIST', 'ENOTDIR', 'EPERM', 'EACCES', 'EBUSY']);

async function moveInto(candidate: string, path: string, name: string): Promise<boolean> {
  const file = join(path, name);
  try {
    await rename(candidate, path);
    // An empty folder is no lock.
    return await exists(file);
  } catch (cause) {
    // A file server may have done it and lost its answer.
    if (await exists(file)) return true;
    if (TAKEN.has(codeOf(cause))) return false;
    throw cause;
  }
}

/** Removes what a dead holder left, or an empty folder; the lock may be another's by now. */
async function removeDead(path: string, now: () => Promise<number>): Promise<void> {
  const names = await readdir(path).catch((error: unknown) => codeOf(error));
  if (names === 'ENOENT') return;
  if (names === 'ENOTDIR') return removeDeadFile(path);
  // A folder of another user's.
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

/** Earlier versions kept a file in the place of the folder. `unlink` removes no folder. */
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

/** The holder that a file names, and whether it lives; an empty file is of a machine that lost its power. */
async function judge(file: string, now: () => Promise<number>) {
  const text = await readFile(file, 'utf8').catch((error: unknown) => ({ code: codeOf(error) }));
  // Gone meanwhile; what cannot be read may be a living process's.
  if (typeof text !== 'string') return { holder: undefined, isAlive: text.code !== 'ENOENT' };
  const holder = parseHolder(text);
  const silentMs = () => measureSilence(file, now);
  const isAlive =
    holder === undefined ? (await silentMs()) < SILENT_MS : await isHolderAlive(holder, silentMs);
  return { holder, isAlive };
}

/** How long ago a file, or a folder's list of files, was written. */
async function measureSilence(path: string, now: () => Promise<number>): Promise<number> {
  const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: -Infinity }));
  return (await now()) - mtimeMs;
}

/** The file system's time, which machines that share a folder have in common: of a write to our own file. */
async function readClock(file: string): Promise<number> {
  await writeHolder(file, 'r+');
  return (await stat(file)).mtimeMs;
}

function hold(path: string, name: string): Lock {
  const file = join(path, name);
  if (held.size === 0) process.on('exit', releaseAll);
  held.set(file, path);
  // A failed beat is followed by the next; one on a file that was removed makes none.
  const beat = () => void writeHolder(file, 'r+').catch(() => undefined);
  const heart = setInterval(beat, HEARTBEAT_MS).unref();
  return {
    async assertHeld() {
      if (await exists(file)) return;
      // Tells who has it; nobody was silent at the beginning of time.
      await removeDead(path, async () => 0);
      throw new WriteError(path, 'the lock of this process was removed while it worked');
    },
    async release() {
      clearInterval(heart);
      held.delete(file);
      if (held.size === 0) process.off('exit', releaseAll);
      await unlink(file).catch(() => undefined);
      // Not empty when the next one is in already.
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
      // Gone already, or another's.
    }
  }
}

/** Removes what processes left that were killed while they asked for the lock. */
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
    // Of one that is just being made its process misses it, and makes another.
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
