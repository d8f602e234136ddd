import { createHash } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { GradcamError } from '../base/errors.ts';
import { checkByteCount } from '../image/image-limits.ts';
import { KIND_BYTES } from '../image/picture-kind.ts';

/** Bytes hashed at a time. */
const CHUNK_BYTES = 2 ** 20;

/** A regular file that is open; its opener closes it. */
export interface OpenFile {
  readonly handle: FileHandle;
  readonly stats: Stats;
}

/**
 * Opens a file for reading, where it is a regular one. A FIFO would wait for its writer, a device may never end,
 * and both would take a thread of the process with them, which nothing gives back.
 *
 * @throws GradcamError `image` that says what it is, or why the system refuses it.
 */
export async function openRegularFile(file: string): Promise<OpenFile> {
  let handle: FileHandle | undefined;
  try {
    refuse(file, await stat(file));
    // Not to wait, should it have become a FIFO by now; Windows has neither.
    handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const stats = await handle.stat();
    refuse(file, stats);
    return { handle, stats };
  } catch (cause) {
    await handle?.close();
    if (cause instanceof GradcamError) throw cause;
    const { code = 'error' } = cause as NodeJS.ErrnoException;
    throw new GradcamError('image', `${file}: cannot be read (${code})`, { cause });
  }
}

/**
 * Reads an image's file whole, after it has been looked at: it is a regular file of at most
 * {@link MAX_IMAGE_BYTES}, and its beginning passes `check`.
 *
 * @param check gets up to {@link KIND_BYTES} bytes from the beginning, and throws what is wrong with them.
 * @throws GradcamError `image`.
 */
export async function readImageFile(
  file: string,
  check: (head: Uint8Array) => void = () => {},
): Promise<Uint8Array> {
  const { handle, stats } = await openRegularFile(file);
  try {
    checkByteCount(stats.size, file);
    const head = await readPart(handle, 0, Math.min(KIND_BYTES, stats.size));
    check(head);
    if (head.byteLength >= stats.size) return head;
    return await readPart(handle, 0, stats.size);
  } catch (cause) {
    if (cause instanceof GradcamError) throw cause;
    const { code = 'error' } = cause as NodeJS.ErrnoException;
    throw new GradcamError('image', `${file}: cannot be read (${code})`, { cause });
  } finally {
    await handle.close();
  }
}

/**
 * sha256 of an open file in hex, a megabyte at a time.
 *
 * @param isWanted asked between the pieces.
 * @returns null where nobody wants it any more.
 */
export async function hashOpenFile(
  { handle }: OpenFile,
  isWanted: () => boolean = () => true,
): Promise<string | null> {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  for (let at = 0; isWanted();) {
    const { bytesRead } = await handle.read(buffer, 0, CHUNK_BYTES, at);
    if (bytesRead === 0) return hash.digest('hex');
    hash.update(buffer.subarray(0, bytesRead));
    at += bytesRead;
  }
  return null;
}

/** sha256 of an image's file in hex. @throws GradcamError `image` as {@link readImageFile}. */
export async function hashImageFile(file: string): Promise<string> {
  const opened = await openRegularFile(file);
  try {
    checkByteCount(opened.stats.size, file);
    return (await hashOpenFile(opened))!;
  } finally {
    await opened.handle.close();
  }
}

/** Of a file that has become shorter what is left of it. */
export async function readPart(
  handle: FileHandle,
  start: number,
  length: number,
): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafe(length);
  let read = 0;
  while (read < length) {
    const { bytesRead } = await handle.read(bytes, read, length - read, start + read);
    if (bytesRead === 0) break;
    read += bytesRead;
  }
  return bytes.subarray(0, read);
}

function refuse(file: string, stats: Stats): void {
  if (stats.isFile()) return;
  const kinds: readonly (readonly [boolean, string])[] = [
    [stats.isDirectory(), 'a folder'],
    [stats.isFIFO(), 'a FIFO'],
    [stats.isSocket(), 'a socket'],
    [stats.isCharacterDevice() || stats.isBlockDevice(), 'a device'],
  ];
  const kind = kinds.find(([is]) => is)?.[1] ?? 'something else';
  throw new GradcamError(
    'image',
    `${file}: cannot be read: expected a regular file, found ${kind}`,
  );
}
