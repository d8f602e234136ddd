import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ProofStore } from '../model/description.ts';

/** How many proofs are kept. Each is one line, but its file takes a block of the disk: 1000 take 4 MB. */
const MAX_KEPT = 1000;

/**
 * Every complete file ends with this and contains it once. A file without it was cut off when a process was
 * killed. A file with two of them was written by two processes at once. Both are ignored.
 */
const END = '\n';

/** The most characters that a proof has. A longer file was written by another program. */
const LONGEST = 4096;

/**
 * Keeps proofs of translated models, or other results of one line that take long to make, as files of a
 * folder. A file is named by the sha256 of its key. The folder holds at most 1000 files: those that were
 * neither written nor read for the longest time are removed first.
 *
 * A folder that cannot be read or written is not an error: in that case nothing is kept.
 *
 * ```ts
 * loadModel(files, { engine, proofs: createProofStore(folder) });
 * ```
 */
export function createProofStore(folder: string): ProofStore {
  const placeOf = (key: string): string =>
    path.join(folder, createHash('sha256').update(key).digest('hex'));
  return {
    async read(key) {
      const file = placeOf(key);
      const text = await readFile(file, 'utf8').catch(() => '');
      const end = text.indexOf(END);
      if (end < 0 || end < text.length - 1 || end >= LONGEST) return null;
      const now = new Date();
      await utimes(file, now, now).catch(() => {});
      return text.slice(0, end);
    },
    async keep(key, found) {
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        await writeFile(placeOf(key), found.replaceAll(END, ' ').slice(0, LONGEST - 1) + END);
        await removeOldest(folder);
      } catch {
        // Keeping a proof only saves time, so a failure does not matter.
      }
    },
  };
}

/** Removes the files that were used the longest time ago, until {@link MAX_KEPT} are left. */
async function removeOldest(folder: string): Promise<void> {
  const names = await readdir(folder);
  if (names.length <= MAX_KEPT) return;
  const files = await Promise.all(
    names.map(async (name) => {
      const file = path.join(folder, name);
      // Another process may have removed the file since it was listed.
      const found = await stat(file).catch(() => null);
      return { file, usedAt: found?.mtimeMs ?? 0 };
    }),
  );
  files.sort((a, b) => a.usedAt - b.usedAt);
  for (const { file } of files.slice(0, files.length - MAX_KEPT)) await rm(file, { force: true });
}
