import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';

/** Longest side of a thumbnail: a card's picture on a screen of twice the usual density. */
export const THUMBNAIL_SIDE = 640;

/** A file of so few bytes is shown as it is: another of hardly fewer would be no gain. */
const SMALL_BYTES = 192 * 1024;

/** Thumbnails that nobody has looked at for so long are removed. */
const KEPT_MS = 30 * 24 * 3600 * 1000;

/** Pictures that are made smaller at the same time. */
const MAX_AT_WORK = 2;

/** Small versions of large pictures, each made once. */
export interface Thumbnails {
  /** The file to show for a picture: a smaller one, or the picture itself where that is small. */
  find(file: string): Promise<string>;
}

/**
 * Keeps thumbnails in a folder, named by path, size and time of the picture: one that is written
 * anew gets a new one. What cannot be made smaller is shown as it is.
 */
export function keepThumbnails(folder: string): Thumbnails {
  const atWork = new Map<string, Promise<string>>();
  const waiting: (() => void)[] = [];
  let free = MAX_AT_WORK;
  void removeOld(folder);

  const inTurn = async (make: () => Promise<string>): Promise<string> => {
    if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve));
    else free -= 1;
    try {
      return await make();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
  return {
    async find(file) {
      const { size, mtimeMs } = await stat(file);
      if (size <= SMALL_BYTES) return file;
      const name = createHash('sha256').update(`${file} ${size} ${mtimeMs}`).digest('hex');
      const thumbnail = join(folder, `${name}.webp`);
      if (await touch(thumbnail)) return thumbnail;
      const found =
        atWork.get(thumbnail) ??
        inTurn(() => makeThumbnail(file, folder, thumbnail))
          .catch(() => file)
          .finally(() => atWork.delete(thumbnail));
      atWork.set(thumbnail, found);
      return found;
    },
  };
}

async function makeThumbnail(file: string, folder: string, thumbnail: string): Promise<string> {
  const { default: sharp } = await import('sharp');
  await mkdir(folder, { recursive: true });
  const part = join(folder, `${randomUUID()}.part`);
  try {
    await sharp(file)
      .resize(THUMBNAIL_SIDE, THUMBNAIL_SIDE, { fit: 'inside', withoutEnlargement: true })
      .webp({ quality: 85 })
      .toFile(part);
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
  const oldest = Date.now() - KEPT_MS;
  for (const name of await readdir(folder).catch(() => [])) {
    const file = join(folder, name);
    const found = await stat(file).catch(() => null);
    if (found !== null && found.mtimeMs < oldest) await rm(file, { force: true });
  }
}
