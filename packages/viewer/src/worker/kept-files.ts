const CACHE = 'gradcam-weights';

/** A file that the browser kept; null where there is none, or no place to keep any. */
export async function keptFile(key: string): Promise<Uint8Array<ArrayBuffer> | null> {
  const cache = await openCache();
  const response = await cache?.match(addressOf(key)).catch(() => undefined);
  return response === undefined ? null : new Uint8Array(await response.arrayBuffer());
}

/** Keeps a file; where the browser has no room for it, it is read from the server the next time. */
export async function keepFile(key: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const cache = await openCache();
  await cache?.put(addressOf(key), new Response(bytes)).catch(() => undefined);
}

async function openCache(): Promise<Cache | null> {
  // Only secure pages have it, whatever the types say.
  const storage = globalThis.caches as CacheStorage | undefined;
  return (await storage?.open(CACHE).catch(() => null)) ?? null;
}

/** Keys of the cache are addresses; nothing is ever asked for at this one. */
function addressOf(key: string): string {
  return new URL(`/kept-weights/${key}`, location.origin).href;
}
