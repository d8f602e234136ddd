import { DownloadError, isConverterError, UnsupportedError } from '../errors.ts';
import { checkRange, type RandomAccessSource, type SourceFolder } from './source.ts';
import {
  createStallGuard,
  describeNetworkError,
  STALL_MS,
  type StallGuard,
} from './stall-guard.ts';

/** The part of `fetch` that is used here. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** The options of {@link openHttpSource}. */
export interface HttpSourceOptions {
  readonly fetch: Fetch;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds without a byte after which the server is given up. Default: 30,000. */
  readonly stallMs?: number | undefined;
}

/**
 * Bytes that are fetched at once, because reads of heads and footers are close together and each request
 * costs a round trip.
 */
const PAGE_BYTES = 256 * 1024;
/** The number of pages that are kept. */
const MAX_PAGES = 16;

/**
 * Opens a URL for random access by range requests. It never reads more than it requested, whatever the
 * server sends.
 *
 * @returns `undefined` for HTTP status 404 or 410
 * @throws DownloadError; UnsupportedError when the server does not support ranges
 */
export async function openHttpSource(
  url: string,
  options: HttpSourceOptions,
): Promise<RandomAccessSource | undefined> {
  const first = await fetchRange(url, 0, PAGE_BYTES, options);
  if (first === undefined) return undefined;
  const pages = new Map<number, Uint8Array>([[0, first.bytes]]);
  const { total, validator } = first;

  async function readPage(page: number): Promise<Uint8Array> {
    const kept = pages.get(page);
    if (kept !== undefined) {
      pages.delete(page);
      pages.set(page, kept);
      return kept;
    }
    const start = page * PAGE_BYTES;
    const fetched = await fetchRange(url, start, PAGE_BYTES, options);
    if (fetched === undefined || fetched.total !== total || fetched.validator !== validator) {
      throw new DownloadError(url, `${url} changed while it was read; start again`);
    }
    pages.set(page, fetched.bytes);
    const [oldest] = pages.keys();
    if (pages.size > MAX_PAGES && oldest !== undefined) pages.delete(oldest);
    return fetched.bytes;
  }

  const source: RandomAccessSource = {
    name: nameFromUrl(url),
    byteLength: total,
    async read(offset, length) {
      checkRange(source, offset, length);
      const bytes = new Uint8Array(length);
      for (let done = 0; done < length;) {
        const place = offset + done;
        const page = Math.floor(place / PAGE_BYTES);
        const from = place - page * PAGE_BYTES;
        const part = (await readPage(page)).subarray(from, from + length - done);
        bytes.set(part, done);
        done += part.length;
      }
      return bytes;
    },
  };
  return source;
}

/** The files beside a URL, opened by their names. */
export function openHttpFolder(url: string, options: HttpSourceOptions): SourceFolder {
  return {
    open: (name) => openHttpSource(new URL(encodeURIComponent(name), url).href, options),
  };
}

/** The last part of a URL's path. */
export function nameFromUrl(url: string): string {
  const name = new URL(url).pathname.split('/').at(-1) ?? '';
  try {
    return decodeURIComponent(name);
  } catch {
    // A percent sign that does not begin an escaped character.
    return name;
  }
}

interface FetchedRange {
  bytes: Uint8Array;
  total: number;
  /** The ETag, or else the Last-Modified date, of the version that was read. */
  validator: string | null;
}

async function fetchRange(
  url: string,
  start: number,
  length: number,
  options: HttpSourceOptions,
): Promise<FetchedRange | undefined> {
  const { signal, stallMs = STALL_MS } = options;
  const stall = createStallGuard(stallMs, signal);
  try {
    const headers = {
      range: `bytes=${start}-${start + length - 1}`,
      'accept-encoding': 'identity',
    };
    const response = await options.fetch(url, { headers, signal: stall.signal });
    stall.beat();
    return await receiveRange(url, start, length, response, stall);
  } catch (error) {
    signal?.throwIfAborted();
    if (isConverterError(error)) throw error;
    const reason = describeNetworkError(error, stall, stallMs);
    throw new DownloadError(url, `${url}: the server does not answer (${reason})`, {
      cause: error,
    });
  } finally {
    stall.end();
  }
}

async function receiveRange(
  url: string,
  start: number,
  length: number,
  response: Response,
  stall: StallGuard,
): Promise<FetchedRange | undefined> {
  const { status, headers } = response;
  const cancel = () => response.body?.cancel().catch(() => undefined);
  if (status !== 206) {
    await cancel();
    if (status === 404 || status === 410) return undefined;
    if (status !== 200)
      throw new DownloadError(url, `${url}: the server answered with HTTP status ${status}`, {
        status,
      });
    throw new UnsupportedError(
      'server without ranges',
      `${url}: the server cannot send parts of a file; download the file and give its path`,
    );
  }
  const match = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(headers.get('content-range') ?? '');
  const [, first, last, total] = match?.map(Number) ?? [];
  const wanted = Math.min(length, (total ?? 0) - start);
  const announced = Number(headers.get('content-length') ?? wanted);
  const isAsked = first === start && total !== undefined && last === start + wanted - 1;
  const bytes =
    isAsked && announced === wanted ? await readBody(response, wanted, stall) : undefined;
  if (bytes === undefined || total === undefined) {
    await cancel();
    throw new DownloadError(
      url,
      `${url}: the server sent another part of the file than was requested`,
      { status },
    );
  }
  return { bytes, total, validator: headers.get('etag') ?? headers.get('last-modified') };
}

/** Returns the body if it has exactly this length. It reads no bytes beyond. */
async function readBody(
  response: Response,
  length: number,
  stall: StallGuard,
): Promise<Uint8Array | undefined> {
  const bytes = new Uint8Array(length);
  let done = 0;
  const reader = response.body?.getReader();
  for (let next = await reader?.read(); next?.done === false; next = await reader?.read()) {
    stall.beat();
    if (done + next.value.length > length) {
      await reader?.cancel().catch(() => undefined);
      return undefined;
    }
    bytes.set(next.value, done);
    done += next.value.length;
  }
  return done === length ? bytes : undefined;
}
