import { isRunFileName, RUN_IMAGES_FOLDER } from '@gradcam/core';
import { lstat, realpath, rm } from 'node:fs/promises';
import path from 'node:path';
import { findFileInside } from '../view/resolve-path.ts';

/**
 * The real path of a file that a run's lines name; null where there is none.
 *
 * Whatever `results.jsonl` names is looked for here and nowhere else (a lint rule keeps the modules that
 * handle lines from opening files). A run may come from anywhere, so the name must be
 * `images/<folder>/<file>`, and no part of it may be a link: what a link leads to is not the run's. The
 * run's folder itself may be one, since the user named it.
 */
export async function findRunFile(run: string, name: string): Promise<string | null> {
  if (!isRunFileName(name)) return null;
  const names = name.split('/');
  const file = await findFileInside(run, names);
  return file !== null && file === path.join(await realpath(run), ...names) ? file : null;
}

/** Whether a file that a line names is there and holds something. */
export async function hasRunFile(run: string, name: string): Promise<boolean> {
  const file = await findRunFile(run, name);
  // Empty: a power cut between the renaming and the writing of the bytes.
  return file !== null && (await lstat(file)).size > 0;
}

/**
 * Removes the folder of an image, with all that is in it; the folder is that of a file of its line. A
 * link in its place is removed itself, and what it leads to is left alone.
 */
export async function removeImageFolder(run: string, fileName: string): Promise<void> {
  if (!isRunFileName(fileName)) return;
  const root = await realpath(run);
  const images = path.join(root, RUN_IMAGES_FOLDER);
  if ((await realpath(images).catch(() => null)) !== images) return;
  await rm(path.join(root, path.posix.dirname(fileName)), { recursive: true, force: true });
}

/** What lies in a place of a run. */
export type PlaceKind = 'nothing' | 'file' | 'folder' | 'other';

/** What lies there itself; a link, a pipe or a device is `other`, which no run has. */
export async function kindOfPlace(file: string): Promise<PlaceKind> {
  const found = await lstat(file).catch(() => null);
  if (found === null) return 'nothing';
  if (found.isFile()) return 'file';
  return found.isDirectory() ? 'folder' : 'other';
}
