import { createHash } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { GradcamError } from '../base/errors.ts';
import { checkByteCount } from '../image/image-limits.ts';
import { KIND_BYTES } from '../image/picture-kind.ts';

/** How many bytes are hashed at a time. */
const CHUNK_BYTES = 2 ** 20;

/** An open regular file. Whoever opened it has to close it. */
export interface OpenFile {
  readonly handle: FileHandle;
  readonly stats: Stats;
}

/**
 * Opens a regular file for reading. Anything else is refused: a FIFO would wait for its writer, a device may
 * never end, and either would block a thread of the process for ever.
 *
 * @throws GradcamError `image` that says what was found instead, or why the system refuses to open it.
 */
export async function openRegularFile(file: string): Promise<OpenFile> {
  let handle: FileHandle | undefined;
  try {
    refuse(file, await stat(file));
    // O_NONBLOCK: the file may have become a FIFO by now, and opening must not wait. Windows has neither.
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
 * Reads a whole image file, after checking that it is a regular file of at most {@link MAX_IMAGE_BYTES} whose
 * first bytes pass `check`.
 *
 * @param check receives up to {@link KIND_BYTES} bytes from the beginning, and throws if something is wrong.
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
 * Computes the sha256 of an open file in hex, piece by piece.
 *
 * @param isWanted called between the pieces; false ends the computation.
 * @returns null where the digest is no longer wanted.
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

/** Reads a part of a file; fewer bytes if the file has become shorter. */
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
