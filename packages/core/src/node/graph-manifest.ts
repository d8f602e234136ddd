import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { STORED_GRAPH } from '../engines/onnx/graph-store.ts';

/** The name of the file next to a kept graph that records the size, digest and stamp of the graph's files. */
const MANIFEST = 'graph.json';

/** A manifest lists two files in half a kilobyte. A much longer file is not a manifest. */
const MAX_MANIFEST_BYTES = 64 * 1024;

/**
 * A file as it was made. Every change through the file system also changes the stamp: writing changes the
 * times, replacing changes the inode, and the change time cannot be set back.
 */
interface KeptFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
  /** Device, inode, modification and change time. */
  readonly stamp: string;
}

/**
 * Writes the manifest of a graph's folder and flushes all of it to the disk, so that it survives a power cut.
 */
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
 * Compares a graph's files with its manifest. A file with its recorded size and stamp is trusted without
 * reading it, so that mapped weights stay on the disk until they are used. If only the stamp differs, as
 * after copying the cache folder, the file is read once; if its digest is right, the new stamp is recorded.
 *
 * @returns a readable description of the damage; null if nothing is wrong.
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
  // In a read-only folder the stamp cannot be recorded, and the digests are computed each time.
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

/** The files that a manifest lists, or a text that says what is wrong with the manifest. */
async function readManifest(folder: string): Promise<readonly KeptFile[] | string> {
  const file = path.join(folder, MANIFEST);
  const found = await stat(file).catch(() => null);
  if (found === null) return `${MANIFEST} is missing`;
  if (found.size > MAX_MANIFEST_BYTES) return `${MANIFEST} has ${found.size} bytes`;
  try {
    const { files } = JSON.parse(await readFile(file, 'utf8')) as { files: readonly KeptFile[] };
    // Only plain names are accepted, so that nothing outside the folder is read.
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
