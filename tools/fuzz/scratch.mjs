// @ts-check
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/**
 * Makes a folder for the files that readers need on disk. It is removed when the process ends.
 *
 * @param {string} name
 */
export function makeScratch(name) {
  const folder = mkdtempSync(path.join(tmpdir(), `gradcam-fuzz-${name}-`));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/**
 * Makes a folder anew with the given files, whose names the fuzzer chose.
 *
 * @param {string} folder
 * @param {Readonly<Record<string, Uint8Array>>} files
 */
export function fillFolder(folder, files) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFiles(folder, files);
}

/**
 * Overwrites the same files as before.
 *
 * @param {string} folder an existing folder
 * @param {Readonly<Record<string, Uint8Array>>} files
 */
export function writeFiles(folder, files) {
  for (const [name, bytes] of Object.entries(files)) writeFileSync(path.join(folder, name), bytes);
}
