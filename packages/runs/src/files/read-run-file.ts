import type { ResultLine, RunFile } from '@gradcam/core';
import { MAX_IMAGE_BYTES, openRegularFile, readPart } from '@gradcam/core/node';
import { createHash } from 'node:crypto';
import path from 'node:path';
import { RunError } from '../run-error.ts';
import { isWebAddress } from '../images/web-address.ts';
import { findRunFile, type FoundRunFile } from './find-run-file.ts';

/**
 * Why there are no bytes. `gone`: the file does not exist, cannot be read or has changed. `too large`: it is
 * above `MAX_IMAGE_BYTES`, the limit for every image.
 */
export type Unread = 'gone' | 'too large';

/** The bytes of a picture that a line names, or why there are none. */
export async function readRunFile(run: string, name: string): Promise<Uint8Array | Unread> {
  const file = await findRunFile(run, name);
  return file === null ? 'gone' : readBounded(file);
}

/**
 * The bytes of an image that a run explained, or why there are none.
 *
 * This is the only file outside the run folder that a run may lead to: a plain file whose sha256 the line
 * states.
 *
 * @param file content of `run.json`. Relative names start from its `files.original`, or from the working
 *   directory where it has none.
 */
export async function readExplainedImage(
  run: string,
  { files }: Pick<RunFile, 'files'>,
  { image, sha256 }: Pick<ResultLine, 'image' | 'sha256'>,
): Promise<Uint8Array | Unread> {
  if (isWebAddress(image)) return 'gone';
  const base = files === undefined ? process.cwd() : path.resolve(run, files.original);
  const bytes = await readBounded(path.resolve(base, image));
  if (typeof bytes === 'string') return bytes;
  return createHash('sha256').update(bytes).digest('hex') === sha256 ? bytes : 'gone';
}

/** Reads a file of at most `MAX_IMAGE_BYTES`. It never opens a pipe or a device. */
async function readBounded(file: string): Promise<Uint8Array | Unread> {
  const opened = await openRegularFile(file).catch(() => null);
  if (opened === null) return 'gone';
  const { handle, stats } = opened;
  try {
    return stats.size > MAX_IMAGE_BYTES ? 'too large' : await readPart(handle, 0, stats.size);
  } catch {
    return 'gone';
  } finally {
    await handle.close();
  }
}

/**
 * The bytes of a file that was found and measured before; never more than were found then.
 *
 * @throws RunError `data` where the size of the file has changed, or the file is gone.
 */
export async function readFoundFile({ file, bytes }: FoundRunFile): Promise<Uint8Array> {
  const opened = await openRegularFile(file).catch(() => null);
  try {
    const found = opened?.stats.size === bytes ? await readPart(opened.handle, 0, bytes) : null;
    if (found?.byteLength === bytes) return found;
  } finally {
    await opened?.handle.close();
  }
  const now = opened === null ? 'it is gone' : `it has ${opened.stats.size} now`;
  throw new RunError(
    'data',
    `${file}: had ${bytes} bytes a moment ago, and ${now}: another program is changing this run; try again when it has finished`,
  );
}
