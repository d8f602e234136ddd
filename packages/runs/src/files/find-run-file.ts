import { isRunFileName, RUN_IMAGES_FOLDER } from '@gradcam/core';
import { lstat, realpath, rm } from 'node:fs/promises';
import path from 'node:path';
import { findFileInside } from './find-file-inside.ts';

/**
 * The real path of a file that a run's lines name; null where there is none.
 *
 * This function alone finds the files that `results.jsonl` names: a lint rule keeps the modules that handle
 * lines from opening files. A run may come from anywhere, so the name must be `images/<folder>/<file>`, and
 * no part of it may be a link, because a link leads to files of others. The run folder itself may be a link,
 * since the user named it.
 */
export async function findRunFile(run: string, name: string): Promise<string | null> {
  if (!isRunFileName(name)) return null;
  const names = name.split('/');
  const file = await findFileInside(run, names);
  return file !== null && file === path.join(await realpath(run), ...names) ? file : null;
}

/** A file of a run that was found. */
export interface FoundRunFile {
  /** Real path of the file. */
  readonly file: string;
  readonly bytes: number;
}

/**
 * The real path and size of a file that a run's lines name; null where there is none. See {@link
 * findRunFile}.
 */
export async function measureRunFile(run: string, name: string): Promise<FoundRunFile | null> {
  const file = await findRunFile(run, name);
  return file === null ? null : { file, bytes: (await lstat(file)).size };
}

/**
 * Removes the folder of an image with everything in it. A link in place of the folder is removed itself; the
 * folder that it leads to stays.
 *
 * @param fileName a file that the image's line names.
 */
export async function removeImageFolder(run: string, fileName: string): Promise<void> {
  if (!isRunFileName(fileName)) return;
  const root = await realpath(run);
  const images = path.join(root, RUN_IMAGES_FOLDER);
  if ((await realpath(images).catch(() => null)) !== images) return;
  await rm(path.join(root, path.posix.dirname(fileName)), { recursive: true, force: true });
}

/** The kind of thing that exists at a path of a run. */
export type PlaceKind = 'nothing' | 'file' | 'folder' | 'other';

/**
 * Finds what exists at the path itself, without following a link. A link, a pipe or a device is `other`; no
 * run contains one of these.
 */
export async function kindOfPlace(file: string): Promise<PlaceKind> {
  const found = await lstat(file).catch(() => null);
  if (found === null) return 'nothing';
  if (found.isFile()) return 'file';
  return found.isDirectory() ? 'folder' : 'other';
}
