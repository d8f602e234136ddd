import { createHash, randomBytes } from 'node:crypto';
import { lstat, readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';

/** A digest of this machine's name, for names of files, because machines may share a folder. */
const HOST = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);

/** The part between prefix and suffix: the machine, the process, and random digits. */
const OWNER = /^([0-9a-f]{8})-(\d{1,10})-[0-9a-f]{12}$/;

/** Times of file systems are coarser than the start time of the process, so this much is tolerated. */
const CLOCK_SLACK_MS = 2000;

/**
 * Makes a name for a temporary file or folder of this process:
 * `<prefix><machine>-<process>-<random><suffix>`. It names its owner, so that {@link removeAbandoned} can
 * find what a killed process left behind.
 *
 * @param prefix a path whose last part begins the name and says what the file is for.
 */
export function temporaryName(prefix: string, suffix = ''): string {
  return `${prefix}${HOST}-${process.pid}-${randomBytes(6).toString('hex')}${suffix}`;
}

/**
 * Removes temporary files and folders with this prefix and suffix that killed processes of this machine left
 * behind, if this user may remove them. Other names, and those of other machines, stay.
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
    // Windows does not remove files that are in use; a later call removes them.
    await rm(place, { recursive: true, force: true }).catch(() => undefined);
  }
}

async function isAbandoned(place: string, pid: number): Promise<boolean> {
  const stats = await lstat(place).catch(() => null);
  const user = process.getuid?.();
  // In a folder that all users share, other users could create such names too.
  if (stats === null || (user !== undefined && stats.uid !== user)) return false;
  if (pid !== process.pid) return !isAlive(pid);
  // A restarted container can have the same process id as the one before.
  return stats.mtimeMs < Date.now() - process.uptime() * 1000 - CLOCK_SLACK_MS;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: the process belongs to another user.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
