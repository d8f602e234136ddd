import { open, readFile, rm, stat, type FileHandle } from 'node:fs/promises';
import { WriteError } from '../errors.ts';
import { replaceFile } from './replace-file.ts';

/**
 * The version of the file that a `.part` file is a part of, stored in `<part>.json`. Bytes of two versions
 * are never joined: RFC 9110, 15.3.7.3 allows joining only under the same strong validator.
 */
export interface PartRecord {
  readonly url: string;
  /** A strong ETag. Last-Modified is not strong: a file may change twice within one second. */
  readonly validator: string;
  /** Bytes of the whole file. */
  readonly total: number;
}

/** The bytes that an earlier attempt stored, and the version that they belong to. */
export interface ResumePoint extends PartRecord {
  readonly offset: number;
}

/** A `.part` file that is being written. */
export interface PartFile {
  /** Appends all of the bytes. */
  append(bytes: Uint8Array): Promise<void>;
  /** Flushes the bytes to the disk. Returns the size of the file in bytes. */
  finish(): Promise<number>;
  close(): Promise<void>;
}

/**
 * Where the download of a file can continue. It is undefined if nothing is stored, if the stored file is
 * not shorter than the whole, or if its version is unknown.
 */
export async function findResumePoint(url: string, path: string): Promise<ResumePoint | undefined> {
  try {
    const record: unknown = JSON.parse(await readFile(recordPath(path), 'utf8'));
    const { size } = await stat(path);
    if (!isRecord(record) || record.url !== url || size === 0 || size >= record.total)
      return undefined;
    return { ...record, offset: size };
  } catch {
    return undefined;
  }
}

/**
 * Begins a new part. If the process is killed at any moment, no record is left beside bytes of another
 * version: first the old record is removed, then the old bytes, then the new record is written, and then
 * the new bytes.
 *
 * @param record undefined where the server does not say enough to continue the download later
 * @throws WriteError
 */
export async function beginPart(path: string, record: PartRecord | undefined): Promise<PartFile> {
  await guard(path, () => rm(recordPath(path), { force: true }));
  const handle = await guard(path, () => open(path, 'w'));
  try {
    await guard(path, () => handle.sync());
    if (record !== undefined) {
      await replaceFile(recordPath(path), JSON.stringify(record), `${recordPath(path)}.new`);
    }
  } catch (error) {
    await handle.close().catch(() => undefined);
    throw error;
  }
  return writePart(path, handle, 0);
}

/** Continues a part after its first `offset` bytes. */
export async function continuePart(path: string, offset: number): Promise<PartFile> {
  return writePart(path, await guard(path, () => open(path, 'r+')), offset);
}

/** Removes a part. Its record goes first, so that nothing continues a part that is half removed. */
export async function discardPart(path: string): Promise<void> {
  await guard(path, () => rm(recordPath(path), { force: true }));
  await guard(path, () => rm(path, { force: true }));
}

/** Removes the record of a part that is complete. */
export async function forgetPart(path: string): Promise<void> {
  await guard(path, () => rm(recordPath(path), { force: true }));
}

function writePart(path: string, handle: FileHandle, start: number): PartFile {
  let end = start;
  return {
    append: (bytes) =>
      guard(path, async () => {
        // A disk that becomes full accepts some of the bytes and reports the error only at the next write.
        for (let done = 0; done < bytes.length;) {
          const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, end);
          if (bytesWritten === 0) throw new Error('the disk accepts no more bytes; is it full?');
          done += bytesWritten;
          end += bytesWritten;
        }
      }),
    finish: () =>
      guard(path, async () => {
        await handle.sync();
        return (await handle.stat()).size;
      }),
    close: () => guard(path, () => handle.close()),
  };
}

async function guard<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new WriteError(path, cause);
  }
}

function recordPath(path: string): string {
  return `${path}.json`;
}

function isRecord(value: unknown): value is PartRecord {
  if (typeof value !== 'object' || value === null) return false;
  const { url, validator, total } = value as Record<string, unknown>;
  return typeof url === 'string' && typeof validator === 'string' && Number.isSafeInteger(total);
}
