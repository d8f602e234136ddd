import { isRunFileName, RUN_IMAGES_FOLDER } from '@gradcam/core';
import { lstat, realpath, rm } from 'node:fs/promises';
import path from 'node:path';
import { findFileInside } from './find-file-inside.ts';

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

/** A file of a run that is there. */
export interface FoundRunFile {
  /** Its real path. */
  readonly file: string;
  readonly bytes: number;
}

/** {@link findRunFile} with the file's size. */
export async function measureRunFile(run: string, name: string): Promise<FoundRunFile | null> {
  const file = await findRunFile(run, name);
  return file === null ? null : { file, bytes: (await lstat(file)).size };
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
