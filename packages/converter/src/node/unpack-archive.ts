import { createReadStream, createWriteStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract, type Header } from 'tar-stream';
import { FormatError, LimitError, WriteError, isConverterError } from '../errors.ts';
import { MAX_ARCHIVE_MEMBERS, MAX_INFLATION_RATIO, MAX_UNPACKED_BYTES } from '../bytes/limits.ts';

/** The options of {@link unpackArchive}. */
export interface UnpackOptions {
  readonly signal?: AbortSignal | undefined;
  /** Receives the bytes of the packed file that were read so far, and its total size. */
  readonly onProgress?: ((doneBytes: number, totalBytes: number) => void) | undefined;
}

/** Members that are never weights, although they may be as large: graphs, mobile formats, texts. */
const NOT_WEIGHTS =
  /\.(pb|pbtxt|tflite|txt|md|json|meta|py|html|png|jpe?g)$|^(checkpoint|graph\.\w+)$/i;
/** Up to this many unpacked bytes, any compression ratio is accepted. */
const RATIO_FREE_BYTES = 16 * 1024 * 1024;
/**
 * Bytes that are read and inflated at once. Each step crosses between threads, so 1 MiB takes a fifth less
 * CPU time than 256 KiB; more takes no less.
 */
const READ_BYTES = 1024 * 1024;
const TAR_BLOCK_BYTES = 512;
const TAR_MAGIC_OFFSET = 257;

/**
 * Unpacks a `.gz`, `.tar` or `.tar.gz` into `directory`: every regular member that may be weights,
 * under its base name, so that no path of an archive leads out of the folder.
 *
 * @returns base names of the unpacked files, in the order of the archive
 * @throws FormatError (damaged, or two members of one name), LimitError (too many, too large, a gzip
 * bomb), WriteError
 */
export async function unpackArchive(
  path: string,
  directory: string,
  options: UnpackOptions = {},
): Promise<string[]> {
  const names: string[] = [];
  try {
    await routeBytes(readUnpacked(path, options), path, directory, names);
  } catch (error) {
    throw explainFailure(error, path, directory, options.signal);
  }
  return names;
}

/** Reads the bytes of a file, decompresses them if they are gzip, and stops at a limit. */
async function* readUnpacked(
  path: string,
  options: UnpackOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { size } = await stat(path);
  const head = await readHead(path);
  const gzipped = head[0] === 0x1f && head[1] === 0x8b;
  let unpacked = 0;
  const file = createReadStream(path, { signal: options.signal, highWaterMark: READ_BYTES });
  const gunzip = gzipped ? createGunzip({ chunkSize: READ_BYTES }) : undefined;
  // If this pipeline fails it destroys `gunzip`, so the loop throws the error.
  if (gunzip !== undefined) pipeline(file, gunzip).catch(() => undefined);
  try {
    for await (const chunk of (gunzip ?? file) as AsyncIterable<Uint8Array>) {
      unpacked += chunk.length;
      const packed = gunzip?.bytesWritten ?? unpacked;
      checkInflation(basename(path), packed, unpacked);
      options.onProgress?.(packed, size);
      yield chunk;
    }
  } finally {
    file.destroy();
  }
}

/** Looks at the first unpacked block: a tar is unpacked, and anything else is a single file. */
async function routeBytes(
  source: AsyncIterable<Uint8Array>,
  path: string,
  directory: string,
  names: string[],
): Promise<void> {
  const iterator = source[Symbol.asyncIterator]();
  const held: Uint8Array[] = [];
  let length = 0;
  while (length < TAR_BLOCK_BYTES) {
    const next = await iterator.next();
    if (next.done === true) break;
    held.push(next.value);
    length += next.value.length;
  }
  const head = Buffer.concat(held);
  async function* replay(): AsyncGenerator<Uint8Array> {
    yield head;
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
      yield next.value;
    }
  }
  const magic = head.subarray(TAR_MAGIC_OFFSET, TAR_MAGIC_OFFSET + 5).toString('latin1');
  if (magic === 'ustar') {
    await unpackTar(replay(), directory, names);
    return;
  }
  const name = basename(path).replace(/\.gz$/i, '') || 'weights';
  names.push(name);
  await pipeline(replay(), createWriteStream(join(directory, name), { flags: 'wx' }));
}

async function unpackTar(
  source: AsyncIterable<Uint8Array>,
  directory: string,
  names: string[],
): Promise<void> {
  const members = extract();
  // A streamx stream behaves like one of Node's own, but its types do not say so.
  const feeding = pipeline(source, members as unknown as Writable);
  // If this pipeline fails, the loop below ends as well and throws the error.
  feeding.catch(() => undefined);
  let count = 0;
  for await (const member of members) {
    count++;
    if (count > MAX_ARCHIVE_MEMBERS) {
      throw new LimitError('members of the archive', MAX_ARCHIVE_MEMBERS, count);
    }
    // tar-stream gives null for a size that cannot be read; such a member would never end.
    if (!Number.isSafeInteger(member.header.size)) {
      throw new FormatError('tar', `member ${JSON.stringify(member.header.name)} has no size`);
    }
    const name = chooseMemberName(member.header);
    if (name === undefined) {
      member.resume();
      continue;
    }
    if (names.includes(name)) {
      throw new FormatError('tar', `two members have the name ${JSON.stringify(name)}`);
    }
    names.push(name);
    const file = createWriteStream(join(directory, name), { flags: 'wx' });
    await pipeline(member as unknown as Readable, file);
  }
  await feeding;
}

/**
 * The base name of a member that is worth unpacking. Links, folders and files that cannot be weights are
 * skipped.
 */
function chooseMemberName(header: Header): string | undefined {
  const { name, type } = header;
  if (type !== 'file' && type !== 'contiguous-file') return undefined;
  const base = name.split(/[\\/]/).at(-1) ?? '';
  // macOS puts a file `._name` beside each file.
  const usable = base !== '' && base !== '.' && base !== '..' && !base.startsWith('._');
  return usable && !base.includes('\0') && !NOT_WEIGHTS.test(base) ? base : undefined;
}

function checkInflation(name: string, packed: number, unpacked: number): void {
  if (unpacked > MAX_UNPACKED_BYTES) {
    throw new LimitError(`unpacked size of ${name}`, MAX_UNPACKED_BYTES, unpacked);
  }
  if (unpacked > RATIO_FREE_BYTES && unpacked > packed * MAX_INFLATION_RATIO) {
    const ratio = Math.round(unpacked / packed);
    throw new LimitError(`inflation of ${name} (a bomb?)`, MAX_INFLATION_RATIO, ratio);
  }
}

async function readHead(path: string): Promise<Buffer> {
  const handle = await open(path, 'r');
  const { buffer } = await handle.read(Buffer.alloc(2), 0, 2, 0).finally(() => handle.close());
  return buffer;
}

/**
 * Turns an error of the system into an error of the disk. Any other error means that the archive is
 * damaged.
 */
function explainFailure(
  error: unknown,
  path: string,
  directory: string,
  signal: AbortSignal | undefined,
): unknown {
  if (isConverterError(error)) return error;
  if (signal?.aborted === true) return signal.reason;
  const { syscall, path: place } = error as NodeJS.ErrnoException;
  const isReading = syscall === 'read' || place === path;
  if (syscall !== undefined && !isReading) return new WriteError(place ?? directory, error);
  const reason = error instanceof Error ? error.message : String(error);
  const message = isReading
    ? `${basename(path)} cannot be read: ${reason}`
    : `${basename(path)} is damaged: ${reason}; fetch it again`;
  return new FormatError('archive', message, undefined, { cause: error });
}
