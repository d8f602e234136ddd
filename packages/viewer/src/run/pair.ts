import type { Entry, ExplainedEntry } from './entry.ts';

/**
 * Adds to each entry the same image of another run: the image with the same bytes, or else the one with the
 * same name.
 */
export function pairEntries(entries: readonly Entry[], others: readonly Entry[]): readonly Entry[] {
  const bySha256 = new Map<string, ExplainedEntry>();
  const byName = new Map<string, ExplainedEntry>();
  for (const other of others) {
    if (other.kind !== 'explained') continue;
    bySha256.set(other.line.sha256, other);
    byName.set(other.name, other);
  }
  return entries.map((entry) => {
    if (entry.kind !== 'explained') return entry;
    const named = byName.get(entry.name);
    const other = bySha256.get(entry.line.sha256) ?? (isSameSize(entry, named) ? named : undefined);
    return other === undefined ? entry : { ...entry, other };
  });
}

/** Whether the most probable class differs in the other run. */
export function isChanged({ best, other }: ExplainedEntry): boolean {
  return other !== undefined && best?.index !== other.best?.index;
}

/**
 * The probability of the image's most probable class minus its probability in the other run; NaN without an
 * image there. A class that the other run does not list counts as zero.
 */
export function scoreDrop({ best, other }: ExplainedEntry): number {
  if (best?.probability === undefined || other === undefined) return NaN;
  const there = other.line.predictions.find(({ index }) => index === best.index);
  return best.probability - (there?.probability ?? 0);
}

/** A different picture may have the same name, so the sizes must agree too. */
function isSameSize(own: ExplainedEntry, other: ExplainedEntry | undefined): boolean {
  return own.line.width === other?.line.width && own.line.height === other.line.height;
}
