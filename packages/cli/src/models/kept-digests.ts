import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** A digest has 65 bytes, but a file takes a block: 1000 take 4 MB. */
const MAX_KEPT = 1000;

/** The digest that was kept for files of this identity; null where there is none. */
export async function readKeptDigest(folder: string, identity: string): Promise<string | null> {
  const file = placeOf(folder, identity);
  const text = await readFile(file, 'utf8').catch(() => '');
  // A file that a kill or a power cut left torn is none.
  if (!/^[0-9a-f]{64}\n$/.test(text)) return null;
  const now = new Date();
  await utimes(file, now, now).catch(() => {});
  return text.trim();
}

/**
 * Keeps a digest; where the folder cannot be written, it is made again the next time. It is written in its
 * place at once: who reads half of it reads none.
 */
export async function keepDigest(folder: string, identity: string, sha256: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(placeOf(folder, identity), `${sha256}\n`);
    await removeOldest(folder);
  } catch {
    // It only saves time.
  }
}

function placeOf(folder: string, identity: string): string {
  return path.join(folder, createHash('sha256').update(identity).digest('hex'));
}

async function removeOldest(folder: string): Promise<void> {
  const names = await readdir(folder);
  if (names.length <= MAX_KEPT) return;
  const files = await Promise.all(
    names.map(async (name) => {
      const file = path.join(folder, name);
      return { file, usedAt: (await stat(file)).mtimeMs };
    }),
  );
  files.sort((a, b) => a.usedAt - b.usedAt);
  for (const { file } of files.slice(0, files.length - MAX_KEPT)) await rm(file, { force: true });
}
