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

/** Files whose content is known, so that the ranges of one are not hashed each. */
const MAX_KNOWN = 4096;

/**
 * The images that a run explained, wherever they lie; null for one that is no longer what was explained.
 *
 * A request names an image by its content, so no request can name a path, and a run that somebody else made
 * can make the server give out only pictures of which it states the sha256: those it was made from.
 * Only regular files within `MAX_IMAGE_BYTES` are opened, the content is hashed as a stream, and
 * what was hashed is what is sent.
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

/** @returns the content type, null for another content than is asked for. */
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

/** @throws CommandError for a run that is damaged. */
async function findOriginalFile(run: string, sha256: string): Promise<string | null> {
  const { files } = await readRunJson(run);
  if (files === undefined) return null;
  // A line that is no result hides no other.
  for await (const line of readResults(path.join(run, 'results.jsonl'), () => {})) {
    if (isFailure(line) || line.sha256 !== sha256) continue;
    return isWebAddress(line.image) ? null : path.resolve(run, files.original, line.image);
  }
  return null;
}
