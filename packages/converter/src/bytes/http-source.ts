import { DownloadError, UnsupportedError } from '../errors.ts';
import { checkRange, type RandomAccessSource, type SourceFolder } from './source.ts';

/** The part of `fetch` that is used. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** What {@link openHttpSource} may be told. */
export interface HttpSourceOptions {
  readonly fetch: Fetch;
  readonly signal?: AbortSignal | undefined;
}

/** Fetched at once: reads of heads and footers lie close together, a request costs a round trip. */
const PAGE_BYTES = 256 * 1024;
/** Pages kept. */
const MAX_PAGES = 16;

/**
 * Opens a URL for random access by range requests.
 *
 * @returns `undefined` for 404 and 410
 * @throws DownloadError; UnsupportedError when the server knows no ranges
 */
export async function openHttpSource(
  url: string,
  options: HttpSourceOptions,
): Promise<RandomAccessSource | undefined> {
  const first = await fetchRange(url, 0, PAGE_BYTES, options);
  if (first === undefined) return undefined;
  const pages = new Map<number, Uint8Array>([[0, first.bytes]]);
  const { total, etag } = first;

  async function readPage(page: number): Promise<Uint8Array> {
    const kept = pages.get(page);
    if (kept !== undefined) {
      pages.delete(page);
      pages.set(page, kept);
      return kept;
    }
    const start = page * PAGE_BYTES;
    const fetched = await fetchRange(url, start, PAGE_BYTES, options);
    if (fetched === undefined || fetched.total !== total || fetched.etag !== etag) {
      throw new DownloadError(url, `${url} changed while it was read; begin again`);
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

/** The files beside a URL, by their names. */
export function openHttpFolder(url: string, options: HttpSourceOptions): SourceFolder {
  return {
    open: (name) => openHttpSource(new URL(encodeURIComponent(name), url).href, options),
  };
}

/** Last part of a URL's path. */
export function nameFromUrl(url: string): string {
  return decodeURIComponent(new URL(url).pathname.split('/').at(-1) ?? '');
}

interface FetchedRange {
  bytes: Uint8Array;
  total: number;
  etag: string | null;
}

async function fetchRange(
  url: string,
  start: number,
  length: number,
  options: HttpSourceOptions,
): Promise<FetchedRange | undefined> {
  const headers = { range: `bytes=${start}-${start + length - 1}`, 'accept-encoding': 'identity' };
  const { signal = null } = options;
  const response = await options.fetch(url, { headers, signal }).catch((cause: unknown) => {
    signal?.throwIfAborted();
    throw new DownloadError(url, `${url} does not answer`, { cause });
  });
  const { status } = response;
  if (status !== 206) {
    await response.body?.cancel();
    if (status === 404 || status === 410) return undefined;
    if (status !== 200) throw new DownloadError(url, `${url}: HTTP ${status}`, { status });
    throw new UnsupportedError(
      'server without ranges',
      `${url}: the server knows no ranges; fetch it`,
    );
  }
  const match = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(response.headers.get('content-range') ?? '');
  const bytes = new Uint8Array(await response.arrayBuffer());
  const [, first, last, total] = match?.map(Number) ?? [];
  const wanted = Math.min(length, (total ?? 0) - start);
  if (
    first !== start ||
    total === undefined ||
    last !== start + wanted - 1 ||
    bytes.length !== wanted
  ) {
    throw new DownloadError(url, `${url} answers with another range than asked for`, { status });
  }
  return { bytes, total, etag: response.headers.get('etag') };
}
