import {
  isCertain,
  isSelected,
  splitFilter,
  targetKey,
  type ResultExplanation,
} from '@gradcam/core';
import type { Entry, ExplainedEntry } from '../run/entry.ts';
import { isChanged, scoreDrop } from '../run/pair.ts';
import { className } from '../text/format.ts';
import { selections, type Order, type Selection, type View } from './view.ts';

/** The parts of the view that decide which images the grid shows, and in which order. */
export type Filters = Pick<
  View,
  'query' | 'selection' | 'predicted' | 'truth' | 'certainty' | 'order'
>;

/** The images that the grid shows. */
export function selectEntries(entries: readonly Entry[], filters: Filters): readonly Entry[] {
  const { selection, predicted, truth, certainty, order } = filters;
  const words = splitFilter(filters.query);
  const chosen = entries.filter(
    (entry) =>
      belongsTo(entry, selection) &&
      isPredicted(entry, predicted) &&
      isTruly(entry, truth) &&
      isCertain(entry.line, certainty) &&
      words.every((word) => entry.text.includes(word)),
  );
  return order === 'run' ? chosen : chosen.sort(comparisons[order]);
}

/** All predicted classes, the most frequent first. */
export function countClasses(
  entries: readonly Entry[],
): { index: number; name: string; count: number }[] {
  const classes = new Map<number, { index: number; name: string; count: number }>();
  for (const { best } of explainedAmong(entries)) {
    if (best === undefined) continue;
    const known = classes.get(best.index);
    if (known === undefined) {
      classes.set(best.index, { index: best.index, name: className(best), count: 1 });
    } else known.count += 1;
  }
  return [...classes.values()].sort((a, b) => b.count - a.count || byName.compare(a.name, b.name));
}

/** The number of images in each selection, without regard to the text filter. */
export function countSelections(entries: readonly Entry[]): Record<Selection, number> {
  const counts = { all: 0, failed: 0, blank: 0, wrong: 0, changed: 0 };
  for (const entry of entries) {
    for (const name of selections) if (belongsTo(entry, name)) counts[name] += 1;
  }
  return counts;
}

/**
 * The images before and after the given one, among those that are shown.
 *
 * @param current the key of the given image's entry.
 */
export function findNeighbours(
  entries: readonly Entry[],
  current: string,
): { previous: Entry | null; next: Entry | null; position: number } {
  const position = entries.findIndex(({ key }) => key === current);
  if (position < 0) return { previous: null, next: entries[0] ?? null, position };
  return {
    previous: entries[position - 1] ?? null,
    next: entries[position + 1] ?? null,
    position,
  };
}

/** A key that identifies an explanation among those of its image. */
export function explanationKey({ method, layer, target }: ResultExplanation): string {
  return `${method}/${layer}/${targetKey(target)}`;
}

/**
 * The explanation with this key. If the image has none, as may happen after a step to another image, it is
 * that of the whole caption, or else the first.
 */
export function findExplanation(
  explanations: readonly ResultExplanation[],
  key: string | null,
): ResultExplanation | undefined {
  const found = explanations.find((one) => explanationKey(one) === key);
  return found ?? explanations.find(({ target }) => target.kind === 'sentence') ?? explanations[0];
}

function belongsTo(entry: Entry, selection: Selection): boolean {
  if (selection === 'changed') return entry.kind === 'explained' && isChanged(entry);
  return isSelected(entry.line, selection);
}

function explainedAmong(entries: readonly Entry[]): ExplainedEntry[] {
  return entries.filter((entry) => entry.kind === 'explained');
}

function isPredicted(entry: Entry, predicted: number | null): boolean {
  if (predicted === null) return true;
  return entry.kind === 'explained' && entry.best?.index === predicted;
}

function isTruly(entry: Entry, truth: number | null): boolean {
  if (truth === null) return true;
  return entry.kind === 'explained' && entry.line.truth?.index === truth;
}

/** The probability of the most probable class; NaN for an image that failed. */
function sureness(entry: Entry): number {
  return entry.kind === 'explained' ? (entry.best?.probability ?? NaN) : NaN;
}

/** Digits in names are compared as numbers: 9 comes before 10. */
const byName = new Intl.Collator('en', { numeric: true });

type Compare = (a: Entry, b: Entry) => number;

/** Images that failed have no class and come last. */
const comparisons: Readonly<Record<Exclude<Order, 'run'>, Compare>> = {
  name: (a, b) => byName.compare(a.name, b.name),
  class: (a, b) => byName.compare(classOf(a), classOf(b)) || byName.compare(a.name, b.name),
  'least-sure': (a, b) => numberOrLast(sureness(a)) - numberOrLast(sureness(b)),
  'most-sure': (a, b) => numberOrLast(-sureness(a)) - numberOrLast(-sureness(b)),
  // The most confident mistakes come first, because they tell the most.
  'wrong-first': (a, b) =>
    Number(belongsTo(b, 'wrong')) - Number(belongsTo(a, 'wrong')) ||
    numberOrLast(-sureness(a)) - numberOrLast(-sureness(b)),
  'score-drop': (a, b) => numberOrLast(-dropOf(a)) - numberOrLast(-dropOf(b)),
};

function classOf(entry: Entry): string {
  const best = entry.kind === 'explained' ? entry.best : undefined;
  return best === undefined ? '\uffff' : className(best);
}

function dropOf(entry: Entry): number {
  return entry.kind === 'explained' ? scoreDrop(entry) : NaN;
}

function numberOrLast(value: number): number {
  return Number.isNaN(value) ? Number.MAX_VALUE : value;
}
