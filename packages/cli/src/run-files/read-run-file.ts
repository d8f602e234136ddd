import type { ResultLine, RunFile } from '@gradcam/core';
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { isWebAddress } from '../inputs/web-address.ts';
import { findRunFile } from './find-run-file.ts';

/** The largest image that is decoded has 805 MB as RGB, and files are smaller; V8 takes no 4 GiB. */
const MAX_FILE_BYTES = 2 ** 30;

/** The bytes of a file that a line names; null where the run has none of that name. */
export async function readRunFile(run: string, name: string): Promise<Uint8Array | null> {
  const file = await findRunFile(run, name);
  return file === null ? null : readBounded(file);
}

/**
 * The bytes of an image that a run explained; null where its file is another one by now, or not there.
 *
 * The one thing outside of its folder that a run's files may lead to: a plain file whose sha256 they state.
 *
 * @param file `run.json`; it says from where relative names start, or nothing: from where we stand.
 */
export async function readExplainedImage(
  run: string,
  { files }: Pick<RunFile, 'files'>,
  { image, sha256 }: Pick<ResultLine, 'image' | 'sha256'>,
): Promise<Uint8Array | null> {
  if (isWebAddress(image)) return null;
  const base = files === undefined ? process.cwd() : path.resolve(run, files.original);
  const bytes = await readBounded(path.resolve(base, image));
  if (bytes === null) return null;
  return createHash('sha256').update(bytes).digest('hex') === sha256 ? bytes : null;
}

/** A pipe or a device is never opened. */
async function readBounded(file: string): Promise<Uint8Array | null> {
  const found = await stat(file).catch(() => null);
  if (found === null || !found.isFile() || found.size > MAX_FILE_BYTES) return null;
  return readFile(file).catch(() => null);
}
