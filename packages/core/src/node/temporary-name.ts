import { createHash, randomBytes } from 'node:crypto';
import { lstat, readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';

/** This machine in names, since machines may share a folder. */
const HOST = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);

/** What stands between prefix and suffix: the machine, the process, and random digits. */
const OWNER = /^([0-9a-f]{8})-(\d{1,10})-[0-9a-f]{12}$/;

/** File systems keep times more coarsely than the process knows when it began. */
const CLOCK_SLACK_MS = 2000;

/**
 * A name for a file or folder that this process uses for the moment, beside those of others:
 * `<prefix><machine>-<process>-<random><suffix>`. It says whose it is, so that {@link removeAbandoned}
 * finds what a killed process left.
 *
 * @param prefix a path; the end of it begins the name, and says what it is for.
 */
export function temporaryName(prefix: string, suffix = ''): string {
  return `${prefix}${HOST}-${process.pid}-${randomBytes(6).toString('hex')}${suffix}`;
}

/**
 * Removes the files and folders with {@link temporaryName}s of that prefix and suffix whose process was
 * killed on this machine, as far as this user may. Other names, and those of other machines, stay.
 */
export async function removeAbandoned(prefix: string, suffix = ''): Promise<void> {
  const [parent, start] = [path.dirname(prefix), path.basename(prefix)];
  for (const name of await readdir(parent).catch((): string[] => [])) {
    if (!name.startsWith(start) || !name.endsWith(suffix)) continue;
    const owner = OWNER.exec(name.slice(start.length, name.length - suffix.length));
    const place = path.join(parent, name);
    if (owner === null || owner[1] !== HOST || !(await isAbandoned(place, Number(owner[2])))) {
      continue;
    }
    // Windows keeps files that are in use; they go another time.
    await rm(place, { recursive: true, force: true }).catch(() => undefined);
  }
}

async function isAbandoned(place: string, pid: number): Promise<boolean> {
  const stats = await lstat(place).catch(() => null);
  const user = process.getuid?.();
  // In a folder that all users share, others could make such names too.
  if (stats === null || (user !== undefined && stats.uid !== user)) return false;
  if (pid !== process.pid) return !isAlive(pid);
  // A container that is started again has the process id of the one before.
  return stats.mtimeMs < Date.now() - process.uptime() * 1000 - CLOCK_SLACK_MS;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is another user's.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
