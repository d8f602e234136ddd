import { open, readFile, rm, stat, truncate, writeFile, type FileHandle } from 'node:fs/promises';
import type { Fetch } from '../bytes/http-source.ts';
import { MAX_DOWNLOAD_BYTES } from '../bytes/limits.ts';
import { DownloadError, WriteError } from '../errors.ts';

/** How far a transfer is. */
export interface TransferProgress {
  readonly url: string;
  readonly doneBytes: number;
  /** Undefined when the server does not say. */
  readonly totalBytes: number | undefined;
}

/** One attempt at a file. */
export interface TransferOptions {
  readonly url: string;
  /** File that grows; what is in it already is asked for no more. */
  readonly partPath: string;
  /** Exact size, where known. */
  readonly byteLength: number | undefined;
  readonly stallMs: number;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((progress: TransferProgress) => void) | undefined;
  readonly fetch: Fetch;
}

/** How an attempt ended: whole, worth another attempt here, or not. */
export type TransferOutcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'retry'; readonly error: Error; readonly retryAfterMs?: number | undefined }
  | { readonly kind: 'failed'; readonly error: Error };

/** Which version of the file a `.part` is part of, in `<part>.json`. */
interface PartRecord {
  readonly url: string;
  /** ETag or Last-Modified. */
  readonly validator: string;
}

const PARTIAL_CONTENT = 206;
const RANGE_NOT_SATISFIABLE = 416;
/** Statuses that pass: timeouts, too many requests, servers in trouble. */
const PASSING = new Set([408, 425, 429, 500, 502, 503, 504]);

/**
 * Makes one attempt to complete a `.part` file from a URL, continuing it where the server still has
 * the same version. Never throws, except for errors of the disk and the caller's abort.
 */
export async function transferFile(options: TransferOptions): Promise<TransferOutcome> {
  const { url, partPath } = options;
  const stall = createStallGuard(options.stallMs, options.signal);
  try {
    const resumeFrom = await findResumePoint(url, partPath);
    const response = await options.fetch(url, {
      headers: describeRequest(resumeFrom),
      redirect: 'follow',
      signal: stall.signal,
    });
    stall.beat();
    return await receive(options, response, resumeFrom?.offset ?? 0, stall);
  } catch (error) {
    if (options.signal?.aborted === true) throw options.signal.reason;
    if (error instanceof WriteError) throw error;
    const reason = stall.signal.aborted
      ? `no data for ${options.stallMs / 1000} s`
      : describeNetworkError(error);
    return { kind: 'retry', error: new DownloadError(url, reason, { cause: error }) };
  } finally {
    stall.end();
  }
}

interface ResumePoint {
  offset: number;
  validator: string;
}

function describeRequest(resumeFrom: ResumePoint | undefined): Record<string, string> {
  // Bytes as they are: a compressed transfer could not be continued.
  const headers: Record<string, string> = { 'accept-encoding': 'identity' };
  if (resumeFrom !== undefined) {
    headers['range'] = `bytes=${resumeFrom.offset}-`;
    headers['if-range'] = resumeFrom.validator;
  }
  return headers;
}

async function receive(
  options: TransferOptions,
  response: Response,
  asked: number,
  stall: StallGuard,
): Promise<TransferOutcome> {
  const { url, partPath } = options;
  const { status } = response;
  const refuse = async (message: string): Promise<TransferOutcome> => {
    await response.body?.cancel();
    await discardPart(partPath);
    return { kind: 'failed', error: new DownloadError(url, message, { status }) };
  };
  if (status === RANGE_NOT_SATISFIABLE) {
    await response.body?.cancel();
    await discardPart(partPath);
    // The part was longer than the file: begin again.
    return { kind: 'retry', error: new DownloadError(url, 'HTTP 416', { status }) };
  }
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    const error = new DownloadError(url, `HTTP ${status}`, { status });
    if (!PASSING.has(status)) return { kind: 'failed', error };
    return { kind: 'retry', error, retryAfterMs: readRetryAfter(response) };
  }
  const start = status === PARTIAL_CONTENT ? readRangeStart(response) : 0;
  if (start === undefined || (start !== 0 && start !== asked)) {
    return refuse('the server answers with another range than asked for');
  }
  const total = readTotal(response, start);
  const { byteLength } = options;
  if (byteLength !== undefined && total !== undefined && total !== byteLength) {
    return refuse(`the file has ${total} bytes there, expected ${byteLength}`);
  }
  const limit = byteLength ?? total ?? MAX_DOWNLOAD_BYTES;
  if (limit > MAX_DOWNLOAD_BYTES) return refuse(`${limit} bytes are over the limit`);
  await recordPart(url, partPath, response);
  const received = await appendBody(options, response.body, { start, limit, total }, stall);
  if (received > limit) return refuse(`more than the ${limit} bytes announced`);
  const wanted = byteLength ?? total;
  if (wanted !== undefined && received < wanted) {
    const error = new DownloadError(url, `the connection ended at byte ${received} of ${wanted}`);
    return { kind: 'retry', error };
  }
  return { kind: 'done' };
}

/** Writes the body after `start`; stops over `limit`. Returns the bytes then in the file. */
async function appendBody(
  options: TransferOptions,
  body: ReadableStream<Uint8Array>,
  place: { start: number; limit: number; total: number | undefined },
  stall: StallGuard,
): Promise<number> {
  const { url, partPath, onProgress } = options;
  const file = await openPart(partPath, place.start);
  let done = place.start;
  try {
    for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
      stall.beat();
      if (done + chunk.length > place.limit) return done + chunk.length;
      await file.write(chunk, 0, chunk.length, done).catch((cause: unknown) => {
        throw new WriteError(partPath, cause);
      });
      done += chunk.length;
      onProgress?.({ url, doneBytes: done, totalBytes: options.byteLength ?? place.total });
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return done;
}

async function openPart(path: string, start: number): Promise<FileHandle> {
  try {
    const handle = await open(path, start === 0 ? 'w' : 'r+');
    if (start > 0) await truncate(path, start);
    return handle;
  } catch (cause) {
    throw new WriteError(path, cause);
  }
}

async function findResumePoint(url: string, partPath: string): Promise<ResumePoint | undefined> {
  try {
    const record = JSON.parse(await readFile(`${partPath}.json`, 'utf8')) as PartRecord;
    const { size } = await stat(partPath);
    const usable = record.url === url && typeof record.validator === 'string' && size > 0;
    return usable ? { offset: size, validator: record.validator } : undefined;
  } catch {
    return undefined;
  }
}

/** Without a validator nobody can tell whether the rest belongs to the same file: no record then. */
async function recordPart(url: string, partPath: string, response: Response): Promise<void> {
  const etag = response.headers.get('etag');
  const strong = etag !== null && !etag.startsWith('W/') ? etag : undefined;
  const validator = strong ?? response.headers.get('last-modified');
  const path = `${partPath}.json`;
  if (validator === null) await rm(path, { force: true });
  else await writeFile(path, JSON.stringify({ url, validator } satisfies PartRecord));
}

async function discardPart(partPath: string): Promise<void> {
  await rm(partPath, { force: true });
  await rm(`${partPath}.json`, { force: true });
}

function readRangeStart(response: Response): number | undefined {
  const match = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '');
  return match === null ? undefined : Number(match[1]);
}

function readTotal(response: Response, start: number): number | undefined {
  const range = /\/(\d+)$/.exec(response.headers.get('content-range') ?? '');
  if (range !== null) return Number(range[1]);
  const length = response.headers.get('content-length');
  const encoded = response.headers.get('content-encoding') ?? 'identity';
  // The length of an encoded body is not that of the file.
  return length === null || encoded !== 'identity' ? undefined : start + Number(length);
}

function readRetryAfter(response: Response): number | undefined {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) ? seconds * 1000 : undefined;
}

function describeNetworkError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // undici says only "fetch failed"; the reason is in the cause.
  const { cause } = error;
  return cause instanceof Error && cause.message !== '' ? cause.message : error.message;
}

interface StallGuard {
  readonly signal: AbortSignal;
  /** Something came: start counting anew. */
  beat(): void;
  end(): void;
}

/** Aborts when there is no beat for so long, or when the caller aborts. */
function createStallGuard(stallMs: number, signal: AbortSignal | undefined): StallGuard {
  const controller = new AbortController();
  let timer = setTimeout(() => controller.abort(), stallMs);
  const stop = () => controller.abort();
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted === true) controller.abort();
  return {
    signal: controller.signal,
    beat() {
      clearTimeout(timer);
      timer = setTimeout(() => controller.abort(), stallMs);
    },
    end() {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
    },
  };
}
