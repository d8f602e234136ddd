// @ts-check
import { spawnSync } from 'node:child_process';
import { statfsSync } from 'node:fs';

/** Large enough for everything that a scenario writes; a disk grows to it after the fault. */
const AMPLE_BYTES = 512 * 2 ** 20;

/** Folders that are disks at this moment. */
const mounted = new Set();

/** Only root may mount, also the root of a user namespace (see `private-mounts.mjs`). */
export const canMount = process.platform === 'linux' && process.getuid?.() === 0;

/**
 * Puts a disk of its own, in memory, at an empty folder.
 *
 * @param {string} folder
 */
export function mountDisk(folder) {
  call('mount', '-t', 'tmpfs', '-o', `size=${AMPLE_BYTES}`, 'torture', folder);
  mounted.add(folder);
}

/**
 * Leaves a disk with so much room, to the page of 4 KiB.
 *
 * @param {string} folder
 * @param {number} bytes
 */
export function leaveRoom(folder, bytes) {
  const { bsize, blocks, bfree } = statfsSync(folder);
  const used = (blocks - bfree) * bsize;
  call('mount', '-o', `remount,size=${used + Math.max(bsize, bytes)}`, folder);
}

/** @param {string} folder */
export function makeAmple(folder) {
  call('mount', '-o', `remount,rw,size=${AMPLE_BYTES}`, folder);
}

/** @param {string} folder */
export function makeReadOnly(folder) {
  call('mount', '-o', 'remount,ro', folder);
}

/** Takes all disks away, with what is on them. */
export function unmountAll() {
  for (const folder of mounted) spawnSync('umount', ['-l', folder]);
  mounted.clear();
}

/**
 * @param {string} program
 * @param {...string} args
 */
function call(program, ...args) {
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  if (status === 0) return;
  throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? stderr.trim()}`);
}
