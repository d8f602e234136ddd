import { GradcamError } from '@gradcam/core';
import { MAX_DOWNLOAD_BYTES } from './web-address.ts';

/** Time for the whole download. */
const TIMEOUT_MS = 30_000;

const MAX_REDIRECTS = 5;

/**
 * Downloads the bytes of an image. Nobody has checked the content yet.
 *
 * @throws GradcamError `image` for an answer that is not 200, too many redirects, more bytes than
 *   {@link MAX_DOWNLOAD_BYTES}, or none within half a minute.
 */
export async function downloadImage(address: string): Promise<Uint8Array> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  try {
    const response = await follow(address, signal);
    return await readBounded(response);
  } catch (cause) {
    if (cause instanceof GradcamError) throw cause;
    const reason = signal.aborted
      ? `the download was not complete after ${TIMEOUT_MS / 1000} s`
      : describe(cause);
    throw new GradcamError('image', `${address}: cannot be downloaded (${reason})`, { cause });
  }
}

async function follow(address: string, signal: AbortSignal): Promise<Response> {
  let next = address;
  for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
    const response = await fetch(next, { signal, redirect: 'manual' });
    const location = response.headers.get('location');
    if (response.status < 300 || response.status >= 400 || location === null) {
      if (response.ok) return response;
      await response.body?.cancel();
      throw new Error(`the server answered with HTTP status ${response.status}`);
    }
    await response.body?.cancel();
    next = new URL(location, next).href;
    if (!/^https?:/.test(next)) throw new Error(`it is redirected to ${next}`);
  }
  throw new Error(`more than ${MAX_REDIRECTS} redirects`);
}

async function readBounded(response: Response): Promise<Uint8Array> {
  const tooLarge = new Error(`it has more than ${MAX_DOWNLOAD_BYTES / 2 ** 20} MB, the limit`);
  if (Number(response.headers.get('content-length') ?? 0) > MAX_DOWNLOAD_BYTES) {
    await response.body?.cancel();
    throw tooLarge;
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    // Leaving the loop cancels the download.
    if (size > MAX_DOWNLOAD_BYTES) throw tooLarge;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The reason of a failed fetch, which Node hides in the cause of the error. */
function describe(error: unknown): string {
  const { message, cause } = error as Error;
  const reason = cause instanceof Error ? cause.message || (cause as { code?: string }).code : null;
  return reason ?? message;
}
