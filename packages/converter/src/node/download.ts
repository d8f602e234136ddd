import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { nameFromUrl, type Fetch } from '../bytes/http-source.ts';
import { STALL_MS } from '../bytes/stall-guard.ts';
import { ChecksumError, DownloadError, WriteError } from '../errors.ts';
import { digestFiles } from './digest.ts';
import { pinPath, readPin, type Pin } from './download-pin.ts';
import { acquireLock } from './lock.ts';
import { discardPart, forgetPart } from './part-file.ts';
import { replaceFile } from './replace-file.ts';
import { transferFile, type TransferProgress } from './transfer.ts';

/** The file that {@link downloadFile} fetches. */
export interface DownloadOptions {
  /** Addresses of the same bytes, tried in this order. */
  readonly urls: readonly string[];
  /** Name in the cache. A file of that name that came from an address not among `urls` does not count. */
  readonly fileName: string;
  readonly cacheDirectory: string;
  readonly byteLength?: number | undefined;
  readonly sha1?: string | undefined;
  readonly sha256?: string | undefined;
  /** The first digits of the sha256, where no more are known. */
  readonly sha256Prefix?: string | undefined;
  /** Whether to use the cache only and ask no server. */
  readonly offline?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
  /** How many attempts are made at an address before the next one is tried. */
  readonly attempts?: number | undefined;
  /** The wait before the second attempt, in milliseconds. It doubles each time. */
  readonly backoffMs?: number | undefined;
  /** After how many milliseconds without a byte a transfer is given up. */
  readonly stallMs?: number | undefined;
  readonly fetch?: Fetch | undefined;
  /**
   * What to do if no address has the file, which ends the error. Default: `get the file elsewhere and give it
   * with --source`.
   */
  readonly elsewhere?: string | undefined;
}

/** A file in the cache. */
export interface DownloadedFile extends Pin {
  readonly path: string;
}

const DEFAULT_ATTEMPTS = 4;
const DEFAULT_BACKOFF_MS = 1000;
const MAX_BACKOFF_MS = 60_000;

/**
 * Downloads a file into the cache. A download that an earlier run began is resumed. The file is checked
 * against the given checksums, or else against the checksum that was pinned when it was first fetched.
 *
 * @throws DownloadError with the reason for each address; LockedError; WriteError; the signal's reason when
 *   aborted.
 */
export async function downloadFile(options: DownloadOptions): Promise<DownloadedFile> {
  const { cacheDirectory, fileName } = options;
  const path = join(cacheDirectory, basename(fileName));
  await mkdir(cacheDirectory, { recursive: true }).catch((cause: unknown) => {
    throw new WriteError(cacheDirectory, cause);
  });
  const lock = await acquireLock(`${path}.lock`);
  try {
    const cached = await findCached(path, options);
    if (cached !== undefined) return cached;
    if (options.offline === true) {
      throw new DownloadError(
        options.urls[0] ?? '',
        `${describeFile(options)} is not in the cache (${cacheDirectory}), and --offline forbids downloading it; leave out --offline`,
      );
    }
    return await fetchFromAny(path, options);
  } finally {
    await lock.release();
  }
}

/**
 * Removes a file and its pin from the cache, so that the next download asks a server again. It is meant for
 * files that turn out to hold no weights.
 *
 * @throws LockedError, WriteError
 */
export async function discardDownload(path: string): Promise<void> {
  const lock = await acquireLock(`${path}.lock`);
  try {
    await removeFile(pinPath(path));
    await removeFile(path);
  } finally {
    await lock.release();
  }
}

/**
 * The cached file, if it came from one of the addresses and its bytes match its pin. A damaged file is
 * removed.
 */
async function findCached(
  path: string,
  options: DownloadOptions,
): Promise<DownloadedFile | undefined> {
  const pin = await readPin(path, options.urls);
  if (pin === undefined) return undefined;
  const size = await stat(path).then(
    (found) => found.size,
    () => -1,
  );
  const wanted = options.sha256 ?? pin.sha256;
  const isWanted = pin.sha256 === wanted && wanted.startsWith(options.sha256Prefix ?? '');
  if (size === pin.byteLength && isWanted) {
    if ((await digestFiles([path], { signal: options.signal })) === wanted) return { path, ...pin };
  }
  await removeFile(path);
  return undefined;
}

async function fetchFromAny(path: string, options: DownloadOptions): Promise<DownloadedFile> {
  const { elsewhere = 'get the file elsewhere and give it with --source' } = options;
  const reasons: string[] = [];
  let lastStatus: number | undefined;
  let lastCause: unknown;
  for (const url of options.urls) {
    try {
      const byteLength = await fetchWithRetries(url, path, options);
      return await acceptPart(url, path, byteLength, options);
    } catch (error) {
      options.signal?.throwIfAborted();
      if (error instanceof WriteError) throw error;
      lastCause = error;
      if (error instanceof DownloadError) lastStatus = error.status;
      reasons.push(`${url}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new DownloadError(
    options.urls.at(-1) ?? '',
    `${describeFile(options)} could not be downloaded; ${reasons.join('; ')}; ${elsewhere}`,
    { cause: lastCause, status: lastStatus },
  );
}

/** Downloads from one address into the `.part` file, and returns the length of that file. */
async function fetchWithRetries(
  url: string,
  path: string,
  options: DownloadOptions,
): Promise<number> {
  const { attempts = DEFAULT_ATTEMPTS, backoffMs = DEFAULT_BACKOFF_MS } = options;
  for (let attempt = 1; ;) {
    const outcome = await transferFile({
      url,
      partPath: `${path}.part`,
      byteLength: options.byteLength,
      stallMs: options.stallMs ?? STALL_MS,
      signal: options.signal,
      onProgress: options.onProgress,
      fetch: options.fetch ?? fetch,
    });
    if (outcome.kind === 'done') return outcome.byteLength;
    options.signal?.throwIfAborted();
    // The server no longer has the file that was begun. The next attempt, made at once, asks for all of it.
    if (outcome.kind === 'restart') continue;
    const { error } = outcome;
    if (outcome.kind === 'failed' || attempt >= attempts) throw error;
    const wait = Math.max(backoffMs * 2 ** (attempt - 1), outcome.retryAfterMs ?? 0);
    await sleep(Math.min(wait, MAX_BACKOFF_MS), undefined, { signal: options.signal });
    attempt++;
  }
}

/**
 * Checks a complete `.part` file and gives it its final name. The pin is written after the file is in place.
 * If the process is killed in between, the pin is missing or does not match, and the file is fetched again.
 */
async function acceptPart(
  url: string,
  path: string,
  byteLength: number,
  options: DownloadOptions,
): Promise<DownloadedFile> {
  const part = `${path}.part`;
  const digests = await computeDigests(part, options.signal).catch((cause: unknown) => {
    options.signal?.throwIfAborted();
    // Somebody removed the file that was just written. Asking a server again does not help.
    throw new WriteError(part, cause);
  });
  if (digests.byteLength !== byteLength) {
    await discardPart(part);
    throw new WriteError(part, `${digests.byteLength} of ${byteLength} bytes are on the disk`);
  }
  const pinned = (await readPin(path, options.urls))?.sha256;
  try {
    checkDigest(describeFile(options), 'sha1', options.sha1, digests.sha1);
    checkDigest(describeFile(options), 'sha256', options.sha256, digests.sha256);
    const { sha256Prefix } = options;
    const start = digests.sha256.slice(0, sha256Prefix?.length);
    checkDigest(describeFile(options), 'beginning of the sha256', sha256Prefix, start);
    const name = `${describeFile(options)} (first fetched as ${pinPath(path)} says; without it the new one counts)`;
    if (options.sha256 === undefined) checkDigest(name, 'sha256', pinned, digests.sha256);
  } catch (error) {
    await discardPart(part);
    throw error;
  }
  const pin: Pin = { url, sha256: digests.sha256, byteLength };
  try {
    await rename(part, path);
  } catch (cause) {
    throw new WriteError(path, cause);
  }
  await forgetPart(part);
  await replaceFile(pinPath(path), JSON.stringify(pin), `${pinPath(path)}.new`);
  return { path, ...pin };
}

function checkDigest(
  fileName: string,
  algorithm: string,
  expected: string | undefined,
  found: string,
): void {
  if (expected !== undefined && expected !== found) {
    throw new ChecksumError(fileName, algorithm, expected, found);
  }
}

async function computeDigests(
  path: string,
  signal: AbortSignal | undefined,
): Promise<{ sha1: string; sha256: string; byteLength: number }> {
  const sha1 = createHash('sha1');
  const sha256 = createHash('sha256');
  let byteLength = 0;
  for await (const chunk of createReadStream(path, { signal }) as AsyncIterable<Uint8Array>) {
    sha1.update(chunk);
    sha256.update(chunk);
    byteLength += chunk.length;
  }
  return { sha1: sha1.digest('hex'), sha256: sha256.digest('hex'), byteLength };
}

/** The name of the file on its server. Its name in the cache may be longer. */
function describeFile({ urls: [url], fileName }: DownloadOptions): string {
  return (url !== undefined && nameFromUrl(url)) || fileName;
}

async function removeFile(path: string): Promise<void> {
  await rm(path, { force: true }).catch((cause: unknown) => {
    throw new WriteError(path, cause);
  });
}
