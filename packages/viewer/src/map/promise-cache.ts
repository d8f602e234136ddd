/** Keeps the results of the last few loads. A failed load is not kept, so that it can be tried again. */
export function createPromiseCache<T>(
  limit: number,
): (key: string, load: () => Promise<T>) => Promise<T> {
  const kept = new Map<string, Promise<T>>();
  return (key, load) => {
    const found = kept.get(key) ?? load();
    // Setting the key again makes it the newest.
    kept.delete(key);
    kept.set(key, found);
    found.catch(() => kept.delete(key));
    for (const oldest of kept.keys()) {
      if (kept.size <= limit) break;
      kept.delete(oldest);
    }
    return found;
  };
}
