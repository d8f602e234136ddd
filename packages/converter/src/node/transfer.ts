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
  /** Undefined if the server does not report a length. */
  readonly totalBytes: number | undefined;
}

/** The settings of one attempt to download a file. */
export interface TransferOptions {
  readonly url: string;
  /** The file that receives the bytes. Bytes that it already contains are not requested again. */
  readonly partPath: string;
  /** The exact size in bytes, if it is known. */
  readonly byteLength: number | undefined;
  readonly stallMs: number;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((progress: TransferProgress) => void) | undefined;
  readonly fetch: Fetch;
}

/**
 * How an attempt ended: `done`, the file is complete; `retry`, another attempt at this address may succeed;
 * `failed`, it will not. `restart`: the stored bytes could not be continued and were removed, so the next
 * attempt begins at byte 0.
 */
export type TransferOutcome =
  | { readonly kind: 'done'; readonly byteLength: number }
  | { readonly kind: 'restart'; readonly error: Error }
  | { readonly kind: 'retry'; readonly error: Error; readonly retryAfterMs?: number | undefined }
  | { readonly kind: 'failed'; readonly error: Error };

const PARTIAL_CONTENT = 206;
const RANGE_NOT_SATISFIABLE = 416;
/** HTTP statuses that may pass: timeouts, too many requests, and faults of the server. */
const PASSING = new Set([408, 425, 429, 500, 502, 503, 504]);

/**
 * Makes one attempt to complete a `.part` file from a URL. It continues the file if the server still has
 * the same version. Network errors become outcomes; only errors of the disk and the caller's abort are
 * thrown.
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
  // Ask for the bytes without compression: a compressed transfer could not be continued.
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
  // The part is longer than the file on the server is now.
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
  // Many servers ignore If-Range, so the response itself must show that the version is the same.
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

/**
 * Appends the body and stops once it exceeds `limit`. `sent` counts the file's bytes up to the last one
 * received, and `stored` counts the bytes in the file on the disk.
 */
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

/**
 * The record that a later attempt must match. Without a strong validator and a length, no download is
 * continued.
 */
function describeVersion(
  url: string,
  response: Response,
  total: number | undefined,
): PartRecord | undefined {
  const validator = readStrongEtag(response);
  if (validator === undefined || total === undefined) return undefined;
  return { url, validator, total };
}

/**
 * True if the response is the rest of the same version: same validator, same length, and it begins at the
 * requested byte.
 */
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

/**
 * The file's length in bytes, if the server reports it. The Content-Length of a compressed body is not the
 * length of the file.
 */
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

/** Ends the transfer. An error here concerns a connection that is no longer needed, so it is ignored. */
async function cancel(response: Response): Promise<void> {
  await response.body?.cancel().catch(() => undefined);
}
