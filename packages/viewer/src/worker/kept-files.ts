const CACHE = 'gradcam-weights';

/**
 * Reads a file that the browser has stored. It returns null if there is none, or if the browser offers no
 * storage.
 */
export async function keptFile(key: string): Promise<Uint8Array<ArrayBuffer> | null> {
  const cache = await openCache();
  const response = await cache?.match(addressOf(key)).catch(() => undefined);
  return response === undefined ? null : new Uint8Array(await response.arrayBuffer());
}

/** Stores a file. If the browser has no room for it, the file is read from the server the next time. */
export async function keepFile(key: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const cache = await openCache();
  await cache?.put(addressOf(key), new Response(bytes)).catch(() => undefined);
}

async function openCache(): Promise<Cache | null> {
  // `caches` exists only on secure pages, although the types say that it is always there.
  const storage = globalThis.caches as CacheStorage | undefined;
  return (await storage?.open(CACHE).catch(() => null)) ?? null;
}

/** The keys of the cache must be addresses. This one is never requested. */
function addressOf(key: string): string {
  return new URL(`/kept-weights/${key}`, location.origin).href;
}
