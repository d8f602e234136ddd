import type { SkippedEntry } from './stored-tensor.ts';

/** Entries that are named one by one; a list of 200,000 class names beside the weights is counted. */
export const MAX_LISTED_SKIPPED = 1000;

/** The entries of a file that are not convertible tensors. */
export interface SkippedEntries {
  /** Notes one, by name as far as there are few. */
  add(name: string, reason: string): void;
  /** Those that were noted, the last one standing for all that were only counted. */
  list(): SkippedEntry[];
}

/** An empty list. */
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
