import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fetch } from '../bytes/http-source.ts';
import { ChecksumError, DownloadError, WriteError } from '../errors.ts';
import { digestFiles } from './digest.ts';
import { acquireLock } from './lock.ts';
import { transferFile, type TransferProgress } from './transfer.ts';

/** What {@link downloadFile} fetches. */
export interface DownloadOptions {
  /** Addresses of the same bytes, tried in this order. */
  readonly urls: readonly string[];
  /** Name in the cache. */
  readonly fileName: string;
  readonly cacheDirectory: string;
  readonly byteLength?: number | undefined;
  readonly sha1?: string | undefined;
  readonly sha256?: string | undefined;
  /** Use what is in the cache, ask no server. */
  readonly offline?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
  /** Attempts per address, after which the next one is tried. */
  readonly attempts?: number | undefined;
  /** Waiting time before the second attempt, in ms; doubled each time. */
  readonly backoffMs?: number | undefined;
  /** A transfer without a byte for so long is given up, in ms. */
  readonly stallMs?: number | undefined;
  readonly fetch?: Fetch | undefined;
}

/** A file in the cache. */
export interface DownloadedFile {
  readonly path: string;
  readonly sha256: string;
  readonly byteLength: number;
  /** Address it came from. */
  readonly url: string;
}

/** What the cache remembers of a file, in `<file>.json`. */
type Pin = Omit<DownloadedFile, 'path'>;

const DEFAULT_ATTEMPTS = 4;
const DEFAULT_BACKOFF_MS = 1000;
const DEFAULT_STALL_MS = 30_000;
const MAX_BACKOFF_MS = 60_000;

/**
 * Brings a file into the cache, resuming what an earlier run began, and checks it: against the given
 * checksums, else against the one pinned when it was first fetched.
 *
 * @throws DownloadError with the reason for each address, LockedError, WriteError; the signal's
 * reason when aborted
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
        `${fileName} is not in the cache (${cacheDirectory}) and --offline forbids fetching it`,
      );
    }
    return await fetchFromAny(path, options);
  } finally {
    await lock.release();
  }
}

/** The cached file when its bytes are what was pinned; a damaged one is removed. */
async function findCached(
  path: string,
  options: DownloadOptions,
): Promise<DownloadedFile | undefined> {
  const pin = await readPin(path);
  if (pin === undefined) return undefined;
  const size = await stat(path).then(
    (found) => found.size,
    () => -1,
  );
  const wanted = options.sha256 ?? pin.sha256;
  if (size === pin.byteLength && pin.sha256 === wanted) {
    if ((await digestFiles([path], { signal: options.signal })) === wanted) return { path, ...pin };
  }
  await rm(path, { force: true });
  return undefined;
}

async function fetchFromAny(path: string, options: DownloadOptions): Promise<DownloadedFile> {
  const reasons: string[] = [];
  let lastStatus: number | undefined;
  let lastCause: unknown;
  for (const url of options.urls) {
    try {
      await fetchWithRetries(url, path, options);
      return await acceptPart(url, path, options);
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
    `${options.fileName} could not be fetched; ${reasons.join('; ')}; get it elsewhere and pass it with --source`,
    { cause: lastCause, ...(lastStatus === undefined ? {} : { status: lastStatus }) },
  );
}

async function fetchWithRetries(
  url: string,
  path: string,
  options: DownloadOptions,
): Promise<void> {
  const { attempts = DEFAULT_ATTEMPTS, backoffMs = DEFAULT_BACKOFF_MS } = options;
  for (let attempt = 1; ; attempt++) {
    const outcome = await transferFile({
      url,
      partPath: `${path}.part`,
      byteLength: options.byteLength,
      stallMs: options.stallMs ?? DEFAULT_STALL_MS,
      signal: options.signal,
      onProgress: options.onProgress,
      fetch: options.fetch ?? fetch,
    });
    if (outcome.kind === 'done') return;
    options.signal?.throwIfAborted();
    const { error } = outcome;
    if (outcome.kind === 'failed' || attempt >= attempts) throw error;
    const wait = Math.max(backoffMs * 2 ** (attempt - 1), outcome.retryAfterMs ?? 0);
    await sleep(Math.min(wait, MAX_BACKOFF_MS), undefined, { signal: options.signal });
  }
}

/** Checks a complete `.part` and gives it its name; the pin is written after the file is in place. */
async function acceptPart(
  url: string,
  path: string,
  options: DownloadOptions,
): Promise<DownloadedFile> {
  const part = `${path}.part`;
  const digests = await computeDigests(part, options.signal);
  const known = options.sha256 ?? (await readPin(path))?.sha256;
  try {
    checkDigest(options.fileName, 'sha1', options.sha1, digests.sha1);
    checkDigest(options.fileName, 'sha256', known, digests.sha256);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
  const pin: Pin = { url, sha256: digests.sha256, byteLength: digests.byteLength };
  try {
    await rename(part, path);
    await rm(`${part}.json`, { force: true });
    await writeFile(`${path}.json`, JSON.stringify(pin));
  } catch (cause) {
    throw new WriteError(path, cause);
  }
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

async function readPin(path: string): Promise<Pin | undefined> {
  try {
    const pin: unknown = JSON.parse(await readFile(`${path}.json`, 'utf8'));
    return isPin(pin) ? pin : undefined;
  } catch {
    return undefined;
  }
}

function isPin(value: unknown): value is Pin {
  if (typeof value !== 'object' || value === null) return false;
  const { sha256, byteLength, url } = value as Record<string, unknown>;
  return typeof sha256 === 'string' && typeof byteLength === 'number' && typeof url === 'string';
}
