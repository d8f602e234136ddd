// @ts-check
import { spawnSync } from 'node:child_process';
import { chmodSync, readdirSync, statfsSync } from 'node:fs';
import path from 'node:path';
import { hasPrivateMounts } from './private-mounts.mjs';

/** Large enough for everything that a scenario writes; a disk grows to it after the fault. */
const AMPLE_BYTES = 512 * 2 ** 20;

/** Folders that are disks at this moment. */
const mounted = new Set();

/** Only where this process has mounts of its own. */
export const canMount = hasPrivateMounts();

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
  remount(folder, `size=${used + Math.max(bsize, bytes)}`);
}

/**
 * Ends what {@link leaveRoom} and {@link makeReadOnly} do.
 *
 * @param {string} folder
 */
export function makeAmple(folder) {
  if (canMount) remount(folder, `rw,size=${AMPLE_BYTES}`);
  else changeModes(folder, { folders: 0o755, files: 0o644 });
}

/**
 * Lets nobody write below a folder; where nothing can be mounted, by the modes of what is there.
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

/** Takes all disks away, with what is on them. */
export function unmountAll() {
  for (const folder of mounted) spawnSync('umount', ['-l', folder]);
  mounted.clear();
}

/**
 * @param {string} folder
 * @param {string} options
 */
function remount(folder, options) {
  // With its type and source named, mount does not add what it was mounted with: in a namespace of
  // users some of that is refused.
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
