import { describe, expect, test } from 'vitest';
import { listEntries } from '../src/run/entry.ts';
import { countConfusion, mostConfused } from '../src/state/confusion.ts';
import { selectEntries } from '../src/state/select.ts';
import { defaultView } from '../src/state/view.ts';

const labels = ['cat', 'dog', 'bird'];

/** An image of class `truth` that was predicted as `predicted`. */
function planLine(image: string, truth: number | null, predicted: number) {
  return {
    ...{ image, sha256: '', width: 4, height: 3, ms: 1, explanations: [] },
    predictions: [{ index: predicted, label: labels[predicted]!, probability: 0.9, logit: 1 }],
    ...(truth === null
      ? {}
      : { truth: { index: truth, label: labels[truth]! }, correct: truth === predicted }),
  };
}

const entries = listEntries([
  planLine('a.png', 0, 0),
  planLine('b.png', 0, 1),
  planLine('c.png', 0, 1),
  planLine('d.png', 1, 1),
  planLine('e.png', 2, 0),
  planLine('f.png', null, 2),
  { image: 'torn.png', error: 'ends too early' },
]);

describe('the confusion of a run', () => {
  test('counts every image with a true class once, in the row of its truth', () => {
    const confusion = countConfusion(entries)!;
    expect([confusion.known, confusion.right]).toEqual([5, 2]);
    const indices = [0, 1, 2];
    const matrix = indices.map((truth) => indices.map((as) => confusion.count(truth, as)));
    expect(matrix).toEqual([
      [1, 2, 0],
      [0, 1, 0],
      [1, 0, 0],
    ]);
    expect(confusion.classes).toEqual([
      { index: 0, name: 'cat', images: 3, predicted: 2, right: 1 },
      { index: 1, name: 'dog', images: 1, predicted: 3, right: 1 },
      { index: 2, name: 'bird', images: 1, predicted: 0, right: 0 },
    ]);
  });

  test('is null where no true class is known', () => {
    expect(countConfusion(listEntries([planLine('f.png', null, 2)]))).toBeNull();
    expect(countConfusion([])).toBeNull();
  });

  test('a short table keeps the classes with the most mistakes', () => {
    // Mistakes with a class on either side: cat 2 + 1, dog 2, bird 1.
    const { classes } = countConfusion(entries)!;
    expect(mostConfused(classes, 2).map(({ name }) => name)).toEqual(['cat', 'dog']);
    expect(mostConfused(classes, 9)).toEqual(classes);
  });

  test('a cell shows its images: those of a true class that were predicted as another', () => {
    const shown = selectEntries(entries, { ...defaultView, truth: 0, predicted: 1 });
    expect(shown.map(({ name }) => name)).toEqual(['b.png', 'c.png']);
    const birds = selectEntries(entries, { ...defaultView, truth: 2 });
    expect(birds.map(({ name }) => name)).toEqual(['e.png']);
  });

  test('the text filter finds an image by its true class', () => {
    const shown = selectEntries(entries, { ...defaultView, query: 'bird' });
    expect(shown.map(({ name }) => name)).toEqual(['e.png', 'f.png']);
  });
});
