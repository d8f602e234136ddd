import { openRegularFile, readPart, readPictureKind, KIND_BYTES } from '@gradcam/core/node';
import path from 'node:path';

/**
 * The most files whose kind is read from their first bytes. In a folder with more, the further files are
 * counted by their extensions.
 */
const MAX_LOOKED_AT = 1000;

/** Counts the files that a folder's listing left out, by kind, with the most frequent kind first. */
export async function countLeftOut(
  files: readonly string[],
): Promise<Readonly<Record<string, number>>> {
  const counts = new Map<string, number>();
  for (const [i, file] of files.entries()) {
    const kind = i < MAX_LOOKED_AT ? await readKind(file) : null;
    const extension = path.extname(file).toLowerCase();
    const name = kind ?? (extension === '' ? 'without extension' : extension);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)));
}

/** The kind of a file; null if it is not a regular file, or its kind is unknown. */
async function readKind(file: string): Promise<string | null> {
  const opened = await openRegularFile(file).catch(() => null);
  if (opened === null) return null;
  try {
    return readPictureKind(await readPart(opened.handle, 0, KIND_BYTES));
  } catch {
    return null;
  } finally {
    await opened.handle.close();
  }
}
