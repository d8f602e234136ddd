/**
 * Works on several items at once and gives the results in the items' order. No more than `atOnce`
 * items are begun and not taken, so that memory is bounded however fast one part of the work is.
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
      // It may fail while an earlier one is awaited, or its taker at work; its turn tells of it.
      result.catch(() => undefined);
      begun.push(result);
      if (begun.length >= atOnce) yield await begun.shift()!;
    }
    while (begun.length > 0) yield await begun.shift()!;
  } finally {
    // Where the taker leaves or one item fails, the others end before anything is closed.
    await Promise.allSettled(begun);
  }
}
