import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { LockedError, WriteError } from '../errors.ts';

/** A lock this process holds. */
export interface Lock {
  release(): Promise<void>;
}

interface LockContent {
  readonly pid: number;
  readonly host: string;
}

/** Locks of this process; another one with its id is gone, as in a container that was started again. */
const held = new Set<string>();

/** Two processes may both find a dead lock; this many rounds settle who gets it. */
const MAX_ATTEMPTS = 8;

/**
 * Takes the lock file `path`, which names this process. A lock whose process is gone is taken over.
 *
 * @throws LockedError when a living process holds it; WriteError when it cannot be written
 */
export async function acquireLock(path: string): Promise<Lock> {
  await mkdir(dirname(path), { recursive: true }).catch((cause: unknown) => {
    throw new WriteError(dirname(path), cause);
  });
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    if (await createLockFile(path)) {
      held.add(path);
      return {
        async release() {
          held.delete(path);
          await rm(path, { force: true });
        },
      };
    }
    const holder = await readHolder(path);
    if (holder !== undefined && isAlive(holder, path)) throw new LockedError(path, holder.pid);
    await removeDeadLock(path);
  }
  throw new LockedError(path);
}

async function createLockFile(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx');
    const content: LockContent = { pid: process.pid, host: hostname() };
    await file.writeFile(JSON.stringify(content));
    await file.close();
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw new WriteError(path, error);
  }
}

/** The holder, or undefined when the file is gone or was never finished. */
async function readHolder(path: string): Promise<LockContent | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '');
  try {
    const content: unknown = JSON.parse(text);
    return isLockContent(content) ? content : undefined;
  } catch {
    return undefined;
  }
}

function isLockContent(value: unknown): value is LockContent {
  if (typeof value !== 'object' || value === null) return false;
  return 'pid' in value && Number.isInteger(value.pid) && 'host' in value;
}

function isAlive(holder: LockContent, path: string): boolean {
  // A process on another machine that shares the folder cannot be asked.
  if (holder.host !== hostname()) return true;
  if (holder.pid === process.pid) return held.has(path);
  try {
    process.kill(holder.pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Renames first: of two processes only one moves the file it has judged, not a fresh lock. */
async function removeDeadLock(path: string): Promise<void> {
  const grave = `${path}.${randomUUID()}`;
  await rename(path, grave).catch(() => undefined);
  await rm(grave, { force: true });
}
