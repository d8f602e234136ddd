import type { Entry } from '../run/entry.ts';
import { className } from '../text/format.ts';

/** A class that occurs among the true or the predicted classes of a run. */
export interface CountedClass {
  readonly index: number;
  readonly name: string;
  /** The number of images whose true class it is. */
  readonly images: number;
  /** The number of images that were predicted as this class. */
  readonly predicted: number;
  /** The number of images of this class that were predicted as this class. */
  readonly right: number;
}

/** How well the predictions of a run agree with the true classes of its images. */
export interface Confusion {
  /** The number of images that have a true class and a predicted class. */
  readonly known: number;
  /** How many of them were predicted rightly. */
  readonly right: number;
  /** In the order of their indices in the model's output. */
  readonly classes: readonly CountedClass[];
  /** The number of images of true class `truth` that were predicted as `predicted`. */
  count(truth: number, predicted: number): number;
}

/** Counts right and wrong predictions. The result is null if the run has no image with a true class. */
export function countConfusion(entries: readonly Entry[]): Confusion | null {
  const names = new Map<number, string>();
  const counts = new Map<string, number>();
  const add = (key: string): void => void counts.set(key, (counts.get(key) ?? 0) + 1);
  const get = (key: string): number => counts.get(key) ?? 0;
  let known = 0;
  for (const entry of entries) {
    if (entry.kind === 'failed' || entry.line.truth === undefined) continue;
    const { best } = entry;
    // A model whose output is a number predicts no class.
    if (best === undefined || best.value !== undefined) continue;
    const { truth } = entry.line;
    known += 1;
    names.set(truth.index, className(truth));
    if (!names.has(best.index)) names.set(best.index, className(best));
    add(`true ${truth.index}`);
    add(`predicted ${best.index}`);
    add(`${truth.index} as ${best.index}`);
  }
  if (known === 0) return null;
  const classes = [...names]
    .sort(([a], [b]) => a - b)
    .map(([index, name]) => ({
      index,
      name,
      images: get(`true ${index}`),
      predicted: get(`predicted ${index}`),
      right: get(`${index} as ${index}`),
    }));
  return {
    known,
    right: classes.reduce((sum, { right }) => sum + right, 0),
    classes,
    count: (truth, predicted) => get(`${truth} as ${predicted}`),
  };
}

/**
 * The classes that a table has room for: those with the most mistakes, as a truth or as a prediction, and
 * among equals those with the most images. They keep the order of their indices.
 */
export function mostConfused(classes: readonly CountedClass[], room: number): CountedClass[] {
  const mistakes = ({ images, predicted, right }: CountedClass): number =>
    images + predicted - 2 * right;
  return [...classes]
    .sort((a, b) => mistakes(b) - mistakes(a) || b.images - a.images || a.index - b.index)
    .slice(0, room)
    .sort((a, b) => a.index - b.index);
}
