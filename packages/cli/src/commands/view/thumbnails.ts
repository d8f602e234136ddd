import {
  readImageFile,
  readImageHeader,
  removeAbandoned,
  sharpInput,
  temporaryName,
} from '@gradcam/core/node';
import { createHash } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';

/**
 * Longest sides of thumbnails in pixels. The smaller is for a card with several pictures; the larger is for a
 * card with a single picture, or for a screen with twice the usual density. Decoding takes 2 ms for the
 * smaller and 3 ms for the larger, and a window shows about a dozen at a time.
 */
export const thumbnailSides = [320, 640] as const;

/** One of {@link thumbnailSides}. */
export type ThumbnailSide = (typeof thumbnailSides)[number];

/** A file of at most this many bytes is shown as it is, because a thumbnail would hardly be smaller. */
const SMALL_BYTES = 64 * 1024;

/** Thumbnails that have not been shown for this long are removed. */
const KEPT_MS = 30 * 24 * 3600 * 1000;

/** The prefix of the names of thumbnails that are still being written. */
const MAKING = '.making-';

/**
 * The most pictures that are made smaller at the same time. The other half of the cores is left to the
 * browser, which waits for the pictures.
 */
const MAX_AT_WORK = Math.max(1, Math.floor(availableParallelism() / 2));

/** Small versions of large pictures, each made once. */
export interface Thumbnails {
  /**
   * Finds the file to show for a picture: a smaller version, or the picture itself if it is small.
   *
   * @param isWanted whether the caller still waits for it. A picture that a fast scroll has left behind is
   *   not made smaller.
   */
  find(file: string, side: ThumbnailSide, isWanted?: () => boolean): Promise<string>;
}

/** A thumbnail that is being made, or waits for its turn. */
interface Work {
  readonly askers: (() => boolean)[];
  readonly made: Promise<string>;
}

/**
 * Keeps thumbnails in a folder. A thumbnail's name contains the path, size and time of its picture, so a
 * picture that is written again gets a new thumbnail. A picture that cannot be made smaller is shown as it
 * is.
 */
export function keepThumbnails(folder: string): Thumbnails {
  const atWork = new Map<string, Work>();
  const waiting: (() => void)[] = [];
  let free = MAX_AT_WORK;
  void removeOld(folder);

  const inTurn = async (make: () => Promise<string>): Promise<string> => {
    if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve));
    else free -= 1;
    try {
      return await make();
    } finally {
      // The newest request goes first, because its picture is the one in the window.
      const next = waiting.pop();
      if (next === undefined) free += 1;
      else next();
    }
  };
  const start = (
    file: string,
    side: ThumbnailSide,
    stem: string,
    askers: (() => boolean)[],
  ): Work => {
    const made = inTurn(async () =>
      askers.some((isWanted) => isWanted()) ? makeThumbnail(file, side, stem) : file,
    )
      .catch(() => file)
      .finally(() => atWork.delete(stem));
    return { askers, made };
  };
  return {
    async find(file, side, isWanted = () => true) {
      const { size, mtimeMs } = await stat(file);
      if (size <= SMALL_BYTES) return file;
      const name = createHash('sha256').update(`${side} ${size} ${mtimeMs} ${file}`).digest('hex');
      const stem = join(folder, name);
      for (const extension of ['jpg', 'webp']) {
        if (await touch(`${stem}.${extension}`)) return `${stem}.${extension}`;
      }
      const known = atWork.get(stem);
      known?.askers.push(isWanted);
      const work = known ?? start(file, side, stem, [isWanted]);
      atWork.set(stem, work);
      return work.made;
    },
  };
}

/**
 * Makes a thumbnail as JPEG, which is written in half of WebP's time and decoded in a third of it, or as WebP
 * if the picture is transparent.
 */
async function makeThumbnail(file: string, side: ThumbnailSide, stem: string): Promise<string> {
  // Reads only pictures within the limits, because the run may come from somebody else.
  const bytes = await readImageFile(file);
  await readImageHeader(bytes, file);
  const { default: sharp } = await import('sharp');
  // Each picture is made in one thread; `MAX_AT_WORK` limits how many are made at once.
  sharp.concurrency(1);
  const folder = dirname(stem);
  await mkdir(folder, { recursive: true });
  const part = temporaryName(join(folder, MAKING));
  try {
    const picture = sharp(bytes, sharpInput);
    const { hasAlpha } = await picture.metadata();
    const small = picture.resize(side, side, { fit: 'inside', withoutEnlargement: true });
    const encoded = hasAlpha
      ? small.webp({ quality: 85 })
      : small.jpeg({ quality: 85, chromaSubsampling: '4:4:4' });
    await encoded.toFile(part);
    const thumbnail = `${stem}.${hasAlpha ? 'webp' : 'jpg'}`;
    await rename(part, thumbnail);
    return thumbnail;
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

/** Marks a thumbnail as used; false if it does not exist. */
async function touch(thumbnail: string): Promise<boolean> {
  const now = new Date();
  return utimes(thumbnail, now, now).then(
    () => true,
    () => false,
  );
}

async function removeOld(folder: string): Promise<void> {
  await removeAbandoned(join(folder, MAKING));
  const oldest = Date.now() - KEPT_MS;
  for (const name of await readdir(folder).catch(() => [])) {
    const file = join(folder, name);
    const found = await stat(file).catch(() => null);
    if (found !== null && found.mtimeMs < oldest) await rm(file, { force: true });
  }
}
