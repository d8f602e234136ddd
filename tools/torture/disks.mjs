// @ts-check
import { spawnSync } from 'node:child_process';
import { chmodSync, readdirSync, statfsSync } from 'node:fs';
import path from 'node:path';
import { hasPrivateMounts } from './private-mounts.mjs';

/** Large enough for everything that a scenario writes. A disk gets this size after the fault. */
const AMPLE_BYTES = 512 * 2 ** 20;

/** The folders at which disks are mounted at this moment. */
const mounted = new Set();

/** Whether disks can be mounted, which requires that this process has its own mounts. */
export const canMount = hasPrivateMounts();

/**
 * Mounts a separate disk, in memory, at an empty folder.
 *
 * @param {string} folder
 */
export function mountDisk(folder) {
  call('mount', '-t', 'tmpfs', '-o', `size=${AMPLE_BYTES}`, 'torture', folder);
  mounted.add(folder);
}

/**
 * Makes a disk smaller, so that only the given number of bytes, rounded to pages of 4 KiB, is free.
 *
 * @param {string} folder
 * @param {number} bytes
 */
export function leaveRoom(folder, bytes) {
  const { bsize, blocks, bfree } = statfsSync(folder);
  const used = (blocks - bfree) * bsize;
  remount(folder, `size=${used + Math.max(bsize, bytes)}`);
}

/**
 * Undoes {@link leaveRoom} and {@link makeReadOnly}.
 *
 * @param {string} folder
 */
export function makeAmple(folder) {
  if (canMount) remount(folder, `rw,size=${AMPLE_BYTES}`);
  else changeModes(folder, { folders: 0o755, files: 0o644 });
}

/**
 * Prevents writing below a folder: by mounting it read-only or, if nothing can be mounted, by the modes of
 * its files and folders.
 *
 * @param {string} folder
 */
export function makeReadOnly(folder) {
  if (canMount) remount(folder, 'ro');
  else changeModes(folder, { folders: 0o555, files: 0o444 });
}

/**
 * @param {string} folder
 * @param {{ folders: number, files: number }} modes
 */
function changeModes(folder, modes) {
  chmodSync(folder, modes.folders);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const place = path.join(folder, entry.name);
    if (entry.isDirectory()) changeModes(place, modes);
    else if (entry.isFile()) chmodSync(place, modes.files);
  }
}

/** Unmounts all disks, which also deletes their content. */
export function unmountAll() {
  for (const folder of mounted) spawnSync('umount', ['-l', folder]);
  mounted.clear();
}

/**
 * @param {string} folder
 * @param {string} options
 */
function remount(folder, options) {
  // With its type and source named, mount does not add the options of the first mount, some of which are
  // refused in a user namespace.
  call('mount', '-t', 'tmpfs', '-o', `remount,${options}`, 'torture', folder);
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
