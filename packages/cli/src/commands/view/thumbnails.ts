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
 * Longest sides of thumbnails: a picture of a card with several, and a single one or a screen of twice the
 * usual density. The smaller is decoded in 2 ms, the larger in 3; a dozen are in a window at a time.
 */
export const thumbnailSides = [320, 640] as const;

/** One of {@link thumbnailSides}. */
export type ThumbnailSide = (typeof thumbnailSides)[number];

/** A file of so few bytes is shown as it is: another of hardly fewer would be no gain. */
const SMALL_BYTES = 64 * 1024;

/** Thumbnails that nobody has looked at for so long are removed. */
const KEPT_MS = 30 * 24 * 3600 * 1000;

/** The prefix of the names of thumbnails that are still being written. */
const MAKING = '.making-';

/** Pictures that are made smaller at the same time: the browser that waits for them needs the other half. */
const MAX_AT_WORK = Math.max(1, Math.floor(availableParallelism() / 2));

/** Small versions of large pictures, each made once. */
export interface Thumbnails {
  /**
   * The file to show for a picture: a smaller one, or the picture itself where that is small.
   *
   * @param isWanted whether whoever asks still waits: what a fast scroll has left behind is not made.
   */
  find(file: string, side: ThumbnailSide, isWanted?: () => boolean): Promise<string>;
}

/** A thumbnail that is being made, or waits for its turn. */
interface Work {
  readonly askers: (() => boolean)[];
  readonly made: Promise<string>;
}

/**
 * Keeps thumbnails in a folder, named by path, size and time of the picture: one that is written
 * anew gets a new one. What cannot be made smaller is shown as it is.
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
      // The newest first: it is the one in the window.
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

/** As JPEG, which is written in half of WebP's time and decoded in a third; WebP where it is transparent. */
async function makeThumbnail(file: string, side: ThumbnailSide, stem: string): Promise<string> {
  // Only pictures within the limits: the run may come from somebody else.
  const bytes = await readImageFile(file);
  await readImageHeader(bytes, file);
  const { default: sharp } = await import('sharp');
  // As many at once as the turns allow, each in one thread.
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

/** Marks a thumbnail as used; false where there is none. */
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
