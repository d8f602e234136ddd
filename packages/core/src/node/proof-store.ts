import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ProofStore } from '../model/description.ts';

/** A proof is a line, but a file takes a block: 1000 take 4 MB. */
const MAX_KEPT = 1000;

/** What a whole file ends with: one that a kill left torn counts as none. */
const END = '\n';

/** Bytes of a line at most; whatever is longer was written by nobody here. */
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
        // It only saves time.
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
