// @ts-check
import { spawn, spawnSync } from 'node:child_process';

/** An environment variable that is set in the process that has its own mounts. */
const MARK = 'GRADCAM_TORTURE_MOUNTS';

/**
 * Ways to get a separate mount namespace: as root, or as the root of a user namespace on systems where every
 * user may create one.
 */
const WAYS = [
  ['--mount', '--propagation', 'private'],
  ['--user', '--map-root-user', '--mount'],
];

/** Whether this process has its own mounts and may add more. */
export function hasPrivateMounts() {
  return process.env[MARK] !== undefined;
}

/**
 * Runs this program again with its own mounts. However that process ends, the kernel removes its disks, and
 * no other process ever sees them.
 *
 * @returns {Promise<number | null>} the exit code of that run; null if this process should do the work,
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
