import type { SkippedEntry } from './stored-tensor.ts';

/**
 * The most entries that are listed by name. Further ones, such as 200,000 class names beside the weights,
 * are only counted.
 */
export const MAX_LISTED_SKIPPED = 1000;

/** The entries of a file that are not convertible tensors. */
export interface SkippedEntries {
  /** Adds an entry. Its name is kept as long as there are few. */
  add(name: string, reason: string): void;
  /** The entries with names. If more were added, the last item of the list stands for all of the others. */
  list(): SkippedEntry[];
}

/** Creates an empty list. */
export function createSkippedEntries(): SkippedEntries {
  const listed: SkippedEntry[] = [];
  let counted = 0;
  return {
    add(name, reason) {
      if (listed.length < MAX_LISTED_SKIPPED) listed.push({ name, reason });
      else counted++;
    },
    list() {
      if (counted === 0) return [...listed];
      return [...listed, { name: `(${counted} more)`, reason: 'not arrays either' }];
    },
  };
}
