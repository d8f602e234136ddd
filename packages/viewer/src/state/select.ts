import type { ResultExplanation } from '@gradcam/core';
import type { Entry } from '../run/entry.ts';
import type { Selection, View } from './view.ts';

/** The images that the grid shows. */
export function selectEntries(
  entries: readonly Entry[],
  { query, selection }: Pick<View, 'query' | 'selection'>,
): readonly Entry[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0 && selection === 'all') return entries;
  return entries.filter(
    (entry) => belongsTo(entry, selection) && words.every((word) => entry.text.includes(word)),
  );
}

/** How many images each selection has, whatever the text filter. */
export function countSelections(entries: readonly Entry[]): Record<Selection, number> {
  const counts = { all: entries.length, failed: 0, blank: 0 };
  for (const entry of entries) {
    if (belongsTo(entry, 'failed')) counts.failed += 1;
    if (belongsTo(entry, 'blank')) counts.blank += 1;
  }
  return counts;
}

/** The images before and after one, among those that are shown. */
export function findNeighbours(
  entries: readonly Entry[],
  image: string,
): { previous: Entry | null; next: Entry | null; position: number } {
  const position = entries.findIndex((entry) => entry.image === image);
  if (position < 0) return { previous: null, next: entries[0] ?? null, position };
  return {
    previous: entries[position - 1] ?? null,
    next: entries[position + 1] ?? null,
    position,
  };
}

/** Names an explanation among those of its image. */
export function explanationKey({ method, layer, target }: ResultExplanation): string {
  const than = target.than === undefined ? '' : `:${target.than}`;
  return `${method}/${layer}/${target.kind}:${target.index}${than}`;
}

/** The explanation with a key; the first where there is none such, as after a step to another image. */
export function findExplanation(
  explanations: readonly ResultExplanation[],
  key: string | null,
): ResultExplanation | undefined {
  return explanations.find((one) => explanationKey(one) === key) ?? explanations[0];
}

function belongsTo(entry: Entry, selection: Selection): boolean {
  if (selection === 'all') return true;
  if (selection === 'failed') return entry.kind === 'failed';
  return entry.kind === 'explained' && entry.hasBlank;
}
