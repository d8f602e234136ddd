import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ProofStore } from '../model/description.ts';

/** How many proofs are kept. Each is one line, but its file takes a block of the disk: 1000 take 4 MB. */
const MAX_KEPT = 1000;

/**
 * The end of every whole file. A file without it was cut off when a process was killed, and does not count.
 */
const END = '\n';

/** The most bytes that a proof takes. A longer file was written by another program. */
const LONGEST = 4096;

/**
 * Keeps proofs of translated models as files of a folder, named by the digest of what was proved.
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
      const text = await readFile(placeOf(key), 'utf8').catch(() => '');
      return text.endsWith(END) && text.length <= LONGEST ? text.slice(0, -1) : null;
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

async function removeOldest(folder: string): Promise<void> {
  const names = await readdir(folder);
  if (names.length <= MAX_KEPT) return;
  const files = await Promise.all(
    names.map(async (name) => {
      const file = path.join(folder, name);
      return { file, writtenAt: (await stat(file)).mtimeMs };
    }),
  );
  files.sort((a, b) => a.writtenAt - b.writtenAt);
  for (const { file } of files.slice(0, files.length - MAX_KEPT)) await rm(file, { force: true });
}
