import { readFileSync, readlinkSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';

/** Identifies the process that holds something, with facts that another process can check. */
export interface Holder {
  readonly pid: number;
  readonly host: string;
  /** The id of the kernel's current boot, because two machines may have the same name. Linux only. */
  readonly boot?: string | undefined;
  /** The namespace of the process ids: each container of a machine has ids of its own. Linux only. */
  readonly namespace?: string | undefined;
  /** When the process began, in ticks since the boot, because process ids are used again. Linux only. */
  readonly started?: string | undefined;
}

/** The interval in milliseconds at which a holder writes to its file, which shows that it is alive. */
export const HEARTBEAT_MS = 5_000;

/**
 * After this silence a holder that cannot be checked, on another machine or in another container, counts as
 * dead. It is twelve heartbeats, more than are missed by a busy machine or while a file server restarts.
 */
export const SILENT_MS = 60_000;

/** This process. */
export const ownHolder: Holder = describeOwn();

/** Whether `/proc` describes this process's own namespace, so that its process ids are those of `kill`. */
const knowsProc = ownHolder.started !== undefined;

function describeOwn(): Holder {
  const own = { pid: process.pid, host: hostname() };
  const boot = tryRead(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
  const namespace = tryRead(() => readlinkSync('/proc/self/ns/pid'));
  const isOurs = tryRead(() => readlinkSync('/proc/self')) === String(process.pid);
  const stat = isOurs ? tryRead(() => readFileSync('/proc/self/stat', 'utf8')) : undefined;
  return { ...own, boot, namespace, started: stat && parseStat(stat).started };
}

/**
 * Reads a holder from JSON, or returns undefined for anything else. All fields except `pid` and `host` may
 * be absent.
 */
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
 * Whether the holder's process is alive. The system is asked about a process of this machine and namespace,
 * so that a dead one is known at once and a stopped one does not count as dead. Every other process is
 * judged by its heartbeat.
 *
 * @param silentMs returns the milliseconds since the holder wrote to its file, by the clock of the file
 * system that the machines share. It is called only if it is needed.
 */
export async function isHolderAlive(
  holder: Holder,
  silentMs: () => Promise<number>,
): Promise<boolean> {
  const isNear =
    holder.host === ownHolder.host &&
    // Locks of earlier versions contain neither field.
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
  // A zombie has ended and waits for a parent that may never collect it.
  if (found.state === 'Z' || found.state === 'X') return false;
  return started === undefined || started === found.started;
}

/**
 * Reads fields 3 and 22 of `/proc/<pid>/stat`. The second field, a name in parentheses, may contain any
 * characters.
 */
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
