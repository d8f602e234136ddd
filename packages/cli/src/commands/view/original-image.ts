import { isFailure } from '@gradcam/core';
import {
  hashOpenFile,
  KIND_BYTES,
  MAX_IMAGE_BYTES,
  openRegularFile,
  readPart,
  readPictureKind,
  type OpenFile,
} from '@gradcam/core/node';
import { isWebAddress, readResults, readRunJson } from '@gradcam/runs';
import path from 'node:path';
import { pictureTypeOf } from './content-types.ts';

/** An original that may be sent. The caller that receives it must close it. */
export interface Original extends OpenFile {
  readonly type: string;
}

/** Finds the originals of a run; see {@link createOriginals}. */
export interface Originals {
  find(sha256: string, isWanted: () => boolean): Promise<Original | null>;
}

/**
 * The most files whose digest is remembered, so that a file is not hashed again for each range that is
 * requested.
 */
const MAX_KNOWN = 4096;

/**
 * Opens the images that a run explained, wherever they lie. The result is null for an image that has changed
 * since the run explained it.
 *
 * A request names an image by its digest, so no request can name a path. A run that somebody else made can
 * make the server send only pictures whose sha256 the run states, that is, pictures that it was made from.
 * Only regular files within `MAX_IMAGE_BYTES` are opened. The content is hashed as a stream, and the file
 * that was hashed is the file that is sent.
 */
export function createOriginals(run: string): Originals {
  const known = new Map<string, string>();
  return {
    async find(sha256, isWanted) {
      try {
        const file = await findOriginalFile(run, sha256);
        if (file === null) return null;
        const opened = await openRegularFile(file);
        const type = await checkContent(opened, file, sha256, known, isWanted);
        if (type !== null) return { ...opened, type };
        await opened.handle.close();
        return null;
      } catch {
        return null;
      }
    },
  };
}

/** @returns the content type; null if the content is not the requested one. */
async function checkContent(
  opened: OpenFile,
  file: string,
  sha256: string,
  known: Map<string, string>,
  isWanted: () => boolean,
): Promise<string | null> {
  try {
    const { size, mtimeMs, ino } = opened.stats;
    if (size > MAX_IMAGE_BYTES) return null;
    const type = pictureTypeOf(readPictureKind(await readPart(opened.handle, 0, KIND_BYTES)));
    if (type === null) return null;
    const identity = JSON.stringify([file, size, mtimeMs, ino]);
    const found = known.get(identity) ?? (await hashOpenFile(opened, isWanted));
    if (found === null) return null;
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(identity, found);
    return found === sha256 ? type : null;
  } catch {
    return null;
  }
}

/** @throws CommandError for a damaged run. */
async function findOriginalFile(run: string, sha256: string): Promise<string | null> {
  const { files } = await readRunJson(run);
  if (files === undefined) return null;
  // A line that is not a result is skipped, so that it does not hide the other lines.
  for await (const line of readResults(path.join(run, 'results.jsonl'), () => {})) {
    if (isFailure(line) || line.sha256 !== sha256) continue;
    return isWebAddress(line.image) ? null : path.resolve(run, files.original, line.image);
  }
  return null;
}
