import { GradcamError, isGradcamError } from '../base/errors.ts';
import { joinBytes } from '../base/join-bytes.ts';
import { checkByteCount } from './image-limits.ts';

/** The part of `fetch` that Node and browsers share and that is used here. */
type Fetch = (
  url: URL,
  init: { readonly signal?: AbortSignal | undefined },
) => Promise<{
  readonly ok: boolean;
  readonly status: number;
  readonly body: {
    getReader(): {
      read(): Promise<{ done: boolean; value?: Uint8Array }>;
      cancel(): Promise<void>;
    };
  } | null;
}>;

/**
 * Downloads the bytes of a picture.
 *
 * @throws GradcamError `image` for a server that cannot be reached or answers other than 200, and above
 *   `MAX_IMAGE_BYTES`, which is checked while the bytes arrive.
 */
export async function fetchPicture(url: URL, signal?: AbortSignal): Promise<Uint8Array> {
  const { fetch } = globalThis as unknown as { fetch: Fetch };
  // The query may hold a signature, which must not stand in messages.
  const isWeb = ['http:', 'https:'].includes(url.protocol);
  const name = isWeb ? `${url.origin}${url.pathname}` : `the ${url.protocol} URL`;
  let reader: { cancel(): Promise<void> } | undefined;
  try {
    const response = await fetch(url, { signal });
    if (!response.ok) throw new GradcamError('image', `${name} answered ${response.status}`);
    const body = response.body?.getReader();
    reader = body;
    const chunks: Uint8Array[] = [];
    let size = 0;
    for (let part = await body?.read(); part?.value !== undefined; part = await body?.read()) {
      chunks.push(part.value);
      size += part.value.byteLength;
      checkByteCount(size, name);
    }
    return joinBytes(chunks);
  } catch (cause) {
    await reader?.cancel().catch(() => undefined);
    signal?.throwIfAborted();
    if (isGradcamError(cause)) throw cause;
    throw new GradcamError('image', `${name} cannot be fetched`, { cause });
  }
}
