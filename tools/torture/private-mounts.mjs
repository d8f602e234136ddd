// @ts-check
import { spawn, spawnSync } from 'node:child_process';

/** Set in the process that has its own mounts. */
const MARK = 'GRADCAM_TORTURE_MOUNTS';

/**
 * Ways into a namespace of mounts: as root, or as the root of a namespace of users where the system lets
 * anybody make one.
 */
const WAYS = [
  ['--mount', '--propagation', 'private'],
  ['--user', '--map-root-user', '--mount'],
];

/** Whether this process has mounts of its own, and may make more. */
export function hasPrivateMounts() {
  return process.env[MARK] !== undefined;
}

/**
 * Runs this program again with mounts of its own: whatever ends it, the kernel takes its disks away, and
 * nobody else ever sees them.
 *
 * @returns {Promise<number | null>} the exit code of that run; null where this process is to do the work,
 *   because it has its own mounts already or the system has no such thing.
 */
export async function runWithPrivateMounts() {
  if (hasPrivateMounts()) return null;
  const way = WAYS.find((flags) => spawnSync('unshare', [...flags, 'true']).status === 0);
  if (way === undefined) return null;
  const child = spawn('unshare', [...way, process.execPath, ...process.argv.slice(1)], {
    stdio: 'inherit',
    env: { ...process.env, [MARK]: '1' },
  });
  const forwarded = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);
  for (const signal of forwarded) process.on(signal, () => child.kill(signal));
  return new Promise((resolve) => child.on('close', (code) => resolve(code ?? 1)));
}
