import { readFileSync, readlinkSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';

/** Which process holds something, in words that a process elsewhere can check. */
export interface Holder {
  readonly pid: number;
  readonly host: string;
  /** Of the kernel since its start: two machines may have one name. Linux only. */
  readonly boot?: string | undefined;
  /** Of the process ids: containers of one machine each count their own. Linux only. */
  readonly namespace?: string | undefined;
  /** When the process began, in ticks since the boot: ids are given out again. Linux only. */
  readonly started?: string | undefined;
}

/** A holder shows that it lives so often, by writing to its file. */
export const HEARTBEAT_MS = 5_000;

/**
 * A holder that cannot be asked (on another machine, in another container) and was silent for so long is
 * dead: twelve heartbeats, more than a busy machine or a file server that is started again misses.
 */
export const SILENT_MS = 60_000;

/** This process. */
export const ownHolder: Holder = describeOwn();

/** `/proc` tells of this process's own namespace, and so of the ids that `kill` knows. */
const knowsProc = ownHolder.started !== undefined;

function describeOwn(): Holder {
  const own = { pid: process.pid, host: hostname() };
  const boot = tryRead(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
  const namespace = tryRead(() => readlinkSync('/proc/self/ns/pid'));
  const isOurs = tryRead(() => readlinkSync('/proc/self')) === String(process.pid);
  const stat = isOurs ? tryRead(() => readFileSync('/proc/self/stat', 'utf8')) : undefined;
  return { ...own, boot, namespace, started: stat && parseStat(stat).started };
}

/** Reads a holder from JSON; undefined for anything else. Fields beside `pid` and `host` may be absent. */
export function parseHolder(text: string): Holder | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return undefined;
    const { pid, host } = value as Record<string, unknown>;
    return Number.isInteger(pid) && typeof host === 'string' ? (value as Holder) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Whether the process lives. One of this machine and namespace is asked of the system, so that a dead one is
 * known at once and a stopped one is not taken for dead; any other is judged by its heartbeat.
 *
 * @param silentMs asked only where it is needed: how long the holder has not written to its file; the clock
 * of the file system, where machines share one.
 */
export async function isHolderAlive(
  holder: Holder,
  silentMs: () => Promise<number>,
): Promise<boolean> {
  const isNear =
    holder.host === ownHolder.host &&
    // Locks of earlier versions name neither.
    (holder.boot === undefined || holder.boot === ownHolder.boot) &&
    (holder.namespace === undefined || holder.namespace === ownHolder.namespace);
  return isNear ? isProcessAlive(holder) : (await silentMs()) < SILENT_MS;
}

async function isProcessAlive({ pid, started }: Holder): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  if (!knowsProc) return true;
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (text === undefined) return true;
  const found = parseStat(text);
  // A zombie ended, and waits for a parent that may never ask.
  if (found.state === 'Z' || found.state === 'X') return false;
  return started === undefined || started === found.started;
}

/** Of `/proc/<pid>/stat`, fields 3 and 22; the second, a name in parentheses, may hold anything. */
function parseStat(text: string): { state: string | undefined; started: string | undefined } {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0], started: fields[19] };
}

function tryRead(read: () => string): string | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
