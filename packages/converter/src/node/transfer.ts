import type { Fetch } from '../bytes/http-source.ts';
import { MAX_DOWNLOAD_BYTES } from '../bytes/limits.ts';
import { createStallGuard, describeNetworkError, type StallGuard } from '../bytes/stall-guard.ts';
import { DownloadError, WriteError } from '../errors.ts';
import {
  beginPart,
  continuePart,
  discardPart,
  findResumePoint,
  type PartFile,
  type PartRecord,
  type ResumePoint,
} from './part-file.ts';

/** The progress of a transfer. */
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

/**
 * How an attempt ended: whole, worth another attempt here, or not. `restart`: what was there already cannot
 * be continued and is gone; the next attempt begins at 0.
 */
export type TransferOutcome =
  | { readonly kind: 'done'; readonly byteLength: number }
  | { readonly kind: 'restart'; readonly error: Error }
  | { readonly kind: 'retry'; readonly error: Error; readonly retryAfterMs?: number | undefined }
  | { readonly kind: 'failed'; readonly error: Error };

const PARTIAL_CONTENT = 206;
const RANGE_NOT_SATISFIABLE = 416;
/** Statuses that pass: timeouts, too many requests, servers in trouble. */
const PASSING = new Set([408, 425, 429, 500, 502, 503, 504]);

/**
 * Makes one attempt to complete a `.part` file from a URL, continuing it where the server still has
 * the same version. Never throws, except for errors of the disk and the caller's abort.
 */
export async function transferFile(options: TransferOptions): Promise<TransferOutcome> {
  const { url, partPath, stallMs } = options;
  const stall = createStallGuard(stallMs, options.signal);
  try {
    const resumeFrom = await findResumePoint(url, partPath);
    const response = await options.fetch(url, {
      headers: describeRequest(resumeFrom),
      redirect: 'follow',
      signal: stall.signal,
    });
    stall.beat();
    return await receive(options, response, resumeFrom, stall);
  } catch (error) {
    if (options.signal?.aborted === true) throw options.signal.reason;
    if (error instanceof WriteError) throw error;
    const reason = describeNetworkError(error, stall, stallMs);
    return { kind: 'retry', error: new DownloadError(url, reason, { cause: error }) };
  } finally {
    stall.end();
  }
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
  resumeFrom: ResumePoint | undefined,
  stall: StallGuard,
): Promise<TransferOutcome> {
  const { url, partPath, byteLength } = options;
  const { status } = response;
  const refuse = async (kind: 'restart' | 'failed', message: string): Promise<TransferOutcome> => {
    await cancel(response);
    await discardPart(partPath);
    return { kind, error: new DownloadError(url, message, { status }) };
  };
  // The part is longer than the file is now.
  if (status === RANGE_NOT_SATISFIABLE && resumeFrom !== undefined) {
    return refuse('restart', 'HTTP 416');
  }
  if (!response.ok || response.body === null) {
    await cancel(response);
    const error = new DownloadError(url, `HTTP ${status}`, { status });
    if (!PASSING.has(status)) return { kind: 'failed', error };
    return { kind: 'retry', error, retryAfterMs: readRetryAfter(response) };
  }
  if (status === PARTIAL_CONTENT && resumeFrom === undefined) {
    return refuse(
      'failed',
      'the server sent a part of the file, though the whole file was requested',
    );
  }
  const isRest = status === PARTIAL_CONTENT && resumeFrom !== undefined;
  // Servers that ignore If-Range are common: whether it is the same version is seen here.
  if (isRest && !isRestOf(response, resumeFrom)) {
    return refuse('restart', 'the file changed on the server during the download');
  }
  const total = isRest ? resumeFrom.total : readLength(response);
  if (byteLength !== undefined && total !== undefined && total !== byteLength) {
    return refuse('failed', `expected a file of ${byteLength} bytes, found ${total} on the server`);
  }
  const limit = byteLength ?? total ?? MAX_DOWNLOAD_BYTES;
  if (limit > MAX_DOWNLOAD_BYTES)
    return refuse(
      'failed',
      `the file has ${limit} bytes, more than the limit of ${MAX_DOWNLOAD_BYTES}`,
    );
  const start = isRest ? resumeFrom.offset : 0;
  const part = isRest
    ? await continuePart(partPath, start)
    : await beginPart(partPath, describeVersion(url, response, total));
  const received = await appendBody(part, response.body, options, { start, limit, total }, stall);
  if (received.sent > limit)
    return refuse('failed', `the server sent more than the ${limit} bytes it announced`);
  const wanted = byteLength ?? total;
  if (wanted !== undefined && received.sent < wanted) {
    const message = `the connection ended after ${received.sent} of ${wanted} bytes`;
    return { kind: 'retry', error: new DownloadError(url, message) };
  }
  if (received.stored !== received.sent) {
    await discardPart(partPath);
    throw new WriteError(partPath, `${received.stored} of ${received.sent} bytes are on the disk`);
  }
  return { kind: 'done', byteLength: received.sent };
}

/** Appends the body; stops over `limit`. Returns where it ended, and the bytes then in the file. */
async function appendBody(
  part: PartFile,
  body: ReadableStream<Uint8Array>,
  { url, byteLength, onProgress }: TransferOptions,
  { start, limit, total }: { start: number; limit: number; total: number | undefined },
  stall: StallGuard,
): Promise<{ sent: number; stored: number }> {
  let sent = start;
  try {
    for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
      stall.beat();
      // Leaving the loop cancels the transfer.
      if (sent + chunk.length > limit) return { sent: sent + chunk.length, stored: sent };
      await part.append(chunk);
      sent += chunk.length;
      onProgress?.({ url, doneBytes: sent, totalBytes: byteLength ?? total });
    }
    return { sent, stored: await part.finish() };
  } finally {
    await part.close();
  }
}

/** What a later attempt has to find again; without a strong validator and a length nothing is continued. */
function describeVersion(
  url: string,
  response: Response,
  total: number | undefined,
): PartRecord | undefined {
  const validator = readStrongEtag(response);
  if (validator === undefined || total === undefined) return undefined;
  return { url, validator, total };
}

/** True for all that is missing of the same version: its validator, its length, and the place asked for. */
function isRestOf(response: Response, { offset, validator, total }: ResumePoint): boolean {
  const range = response.headers.get('content-range');
  return (
    readStrongEtag(response) === validator &&
    isPlain(response) &&
    range === `bytes ${offset}-${total - 1}/${total}`
  );
}

function readStrongEtag(response: Response): string | undefined {
  const etag = response.headers.get('etag');
  return etag === null || etag.startsWith('W/') ? undefined : etag;
}

/** Bytes of the file, where the server says so; the length of an encoded body is not that of the file. */
function readLength(response: Response): number | undefined {
  const length = response.headers.get('content-length');
  return length === null || !isPlain(response) ? undefined : Number(length);
}

function isPlain(response: Response): boolean {
  return (response.headers.get('content-encoding') ?? 'identity') === 'identity';
}

function readRetryAfter(response: Response): number | undefined {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) ? seconds * 1000 : undefined;
}

/** What fails here is the connection, which is given up anyway. */
async function cancel(response: Response): Promise<void> {
  await response.body?.cancel().catch(() => undefined);
}
