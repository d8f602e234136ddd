import { questionOfLine } from '@gradcam/core';
import type { Entry, ExplainedEntry } from './entry.ts';

/**
 * Adds to each entry the same image of another run: the image with the same bytes, or else the one with the
 * same name. Where a run asks several questions about an image, it is the one with the same question.
 */
export function pairEntries(entries: readonly Entry[], others: readonly Entry[]): readonly Entry[] {
  const bySha256 = new Map<string, ExplainedEntry[]>();
  const byName = new Map<string, ExplainedEntry[]>();
  for (const other of others) {
    if (other.kind !== 'explained') continue;
    collect(bySha256, other.line.sha256, other);
    collect(byName, other.name, other);
  }
  /** How often an image is in the page's run, so that one question there is not compared with several. */
  const times = new Map<string, number>();
  for (const { image } of entries) times.set(image, (times.get(image) ?? 0) + 1);
  return entries.map((entry) => {
    if (entry.kind !== 'explained') return entry;
    const named = byName.get(entry.name)?.filter((one) => isSameSize(entry, one)) ?? [];
    const found = bySha256.get(entry.line.sha256) ?? named;
    const other = chooseAsked(entry, found, times.get(entry.image) === 1);
    return other === undefined ? entry : { ...entry, other };
  });
}

function collect(lists: Map<string, ExplainedEntry[]>, key: string, entry: ExplainedEntry): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [entry]);
  else list.push(entry);
}

/** The entry of the same question; entries of other questions are compared where each run has only one. */
function chooseAsked(
  { line }: ExplainedEntry,
  others: readonly ExplainedEntry[],
  isOnly: boolean,
): ExplainedEntry | undefined {
  const question = questionOfLine(line);
  const same = others.filter((other) => questionOfLine(other.line) === question).at(-1);
  if (same !== undefined) return same;
  const asked = new Set(others.map((other) => questionOfLine(other.line)));
  return isOnly && asked.size === 1 ? others.at(-1) : undefined;
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
function isSameSize(own: ExplainedEntry, other: ExplainedEntry): boolean {
  return own.line.width === other.line.width && own.line.height === other.line.height;
}
