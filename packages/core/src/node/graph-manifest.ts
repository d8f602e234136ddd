import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { STORED_GRAPH } from '../engines/onnx/graph-store.ts';

/** Says what the files of a kept graph were when they were made; it stands beside them. */
const MANIFEST = 'graph.json';

/** A manifest has two files in half a kilobyte; what is much longer is not one. */
const MAX_MANIFEST_BYTES = 64 * 1024;

/**
 * A file as it was made. Whatever changes its bytes by way of the file system changes the stamp: writing
 * changes the times, replacing changes the inode, and the change time cannot be set back.
 */
interface KeptFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
  /** Device, inode, modification and change time. */
  readonly stamp: string;
}

/** Writes the manifest of a graph's folder, and all of it to the disk, so that it outlives a power cut. */
export async function writeManifest(folder: string): Promise<void> {
  const files: KeptFile[] = [];
  for (const name of (await readdir(folder)).sort()) {
    const file = path.join(folder, name);
    await flush(file);
    files.push({ name, ...(await measure(file)), sha256: await digestFile(file) });
  }
  await replaceManifest(folder, files);
}

/**
 * Compares a graph's files with its manifest. A file with the size and the stamp that it was made with is taken
 * unread, so that mapped weights stay on the disk until they are used. One whose stamp alone differs, as after
 * a copy of the cache folder, is read whole once; where its digest is right it has the new stamp from then on.
 *
 * @returns what is wrong, for people; null for nothing.
 */
export async function findDamage(folder: string): Promise<string | null> {
  const listed = await readManifest(folder);
  if (typeof listed === 'string') return listed;
  let isMoved = false;
  const files: KeptFile[] = [];
  for (const kept of listed) {
    const file = path.join(folder, kept.name);
    const found = await measure(file).catch(() => null);
    if (found === null) return `${kept.name} is missing`;
    if (found.bytes !== kept.bytes) {
      return `${kept.name} has ${found.bytes} bytes, made with ${kept.bytes}`;
    }
    files.push({ ...kept, stamp: found.stamp });
    if (found.stamp === kept.stamp) continue;
    const sha256 = await digestFile(file).catch(() => null);
    if (sha256 !== kept.sha256) return `the bytes of ${kept.name} have changed`;
    isMoved = true;
  }
  // In a folder that is only read the digests are computed each time.
  if (isMoved) await replaceManifest(folder, files).catch(() => {});
  return null;
}

async function measure(file: string): Promise<Pick<KeptFile, 'bytes' | 'stamp'>> {
  const { dev, ino, size, mtimeNs, ctimeNs } = await stat(file, { bigint: true });
  return { bytes: Number(size), stamp: [dev, ino, mtimeNs, ctimeNs].join(' ') };
}

async function digestFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: 2 ** 20 })) {
    hash.update(chunk as Buffer);
  }
  return hash.digest('hex');
}

async function replaceManifest(folder: string, files: readonly KeptFile[]): Promise<void> {
  const file = path.join(folder, MANIFEST);
  const fresh = `${file}.${process.pid}`;
  await writeFile(fresh, JSON.stringify({ files }));
  await flush(fresh);
  await rename(fresh, file);
}

/** The files of a manifest, or what is wrong with it. */
async function readManifest(folder: string): Promise<readonly KeptFile[] | string> {
  const file = path.join(folder, MANIFEST);
  const found = await stat(file).catch(() => null);
  if (found === null) return `${MANIFEST} is missing`;
  if (found.size > MAX_MANIFEST_BYTES) return `${MANIFEST} has ${found.size} bytes`;
  try {
    const { files } = JSON.parse(await readFile(file, 'utf8')) as { files: readonly KeptFile[] };
    // Names only: nothing outside of the folder is looked at.
    const isWhole =
      files.some(({ name }) => name === STORED_GRAPH) &&
      files.every(({ name }) => path.basename(name) === name);
    return isWhole ? files : `${MANIFEST} does not list ${STORED_GRAPH} and its weights`;
  } catch {
    return `${MANIFEST} cannot be read`;
  }
}

async function flush(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
