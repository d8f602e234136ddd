/**
 * Works on several items at the same time and yields the results in the order of the items. At most
 * `atOnce` items are in work or wait to be taken by the caller, so that memory stays bounded even if one
 * part of the work is much faster than the others.
 */
export async function* mapInOrder<T, R>(
  items: Iterable<T>,
  atOnce: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R, void> {
  const begun: Promise<R>[] = [];
  try {
    for (const item of items) {
      const result = work(item);
      // The work may fail while the caller waits for an earlier item or is busy. The error is thrown in its
      // turn.
      result.catch(() => undefined);
      begun.push(result);
      if (begun.length >= atOnce) yield await begun.shift()!;
    }
    while (begun.length > 0) yield await begun.shift()!;
  } finally {
    // When the caller leaves or an item fails, the other items end before anything is closed.
    await Promise.allSettled(begun);
  }
}
