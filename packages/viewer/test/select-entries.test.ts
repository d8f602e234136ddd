import type { ResultExplanation } from '@gradcam/core';
import { describe, expect, test } from 'vitest';
import { listEntries } from '../src/run/entry.ts';
import {
  countClasses,
  countSelections,
  explanationKey,
  findExplanation,
  findNeighbours,
  selectEntries,
  type Filters,
} from '../src/state/select.ts';
import { defaultView } from '../src/state/view.ts';

function planExplanation(label: string, blank?: string): ResultExplanation {
  return {
    method: 'grad-cam',
    layer: 'block4',
    target: { kind: 'class', index: label.length, label },
    score: 1,
    grid: [7, 7],
    relu: true,
    files: {},
    peak: { x: 0, y: 0 },
    box: null,
    diagnostics: {
      probability: 0.5,
      gradientNorm: 1,
      negativeShare: 0,
      cellSize: [1, 1],
      ...(blank === undefined ? {} : { blank }),
    },
  };
}

function planLine(image: string, label: string, blank?: string, probability = 0.9) {
  const explanations = [planExplanation(label, blank)];
  const predictions = [{ index: label.length, label, probability, logit: 3 }];
  return { image, sha256: '', width: 4, height: 3, predictions, explanations, ms: 1 };
}

const entries = listEntries([
  planLine('photos/summer/Rex.png', 'dog'),
  { image: 'photos/summer/torn.png', error: 'ends too early' },
  planLine('photos/winter/tom.png', 'tiger cat', 'all evidence speaks against it'),
]);

function names(filters: Partial<Filters>, among = entries): string[] {
  return selectEntries(among, { ...defaultView, ...filters }).map(({ name }) => name);
}

describe('listing', () => {
  test('names are without the folders that all images share', () => {
    expect(entries.map(({ name }) => name)).toEqual([
      'summer/Rex.png',
      'summer/torn.png',
      'winter/tom.png',
    ]);
  });

  test('a single image keeps its file name', () => {
    expect(listEntries([planLine('a/b/c.png', 'cat')])[0]?.name).toBe('c.png');
    expect(listEntries([planLine('C:\\a\\c.png', 'cat')])[0]?.name).toBe('c.png');
  });

  test('of two lines for an image, as a resumed run has them, the last counts', () => {
    const [first, ...others] = listEntries([
      { image: 'a.png', error: 'busy' },
      planLine('a.png', 'cat'),
    ]);
    expect(first?.kind).toBe('explained');
    expect(others).toEqual([]);
  });
});

describe('filtering', () => {
  test('text matches name, class, method and error, in any case; all words must', () => {
    expect(names({ query: 'rex' })).toEqual(['summer/Rex.png']);
    expect(names({ query: 'TIGER' })).toEqual(['winter/tom.png']);
    expect(names({ query: 'too early' })).toEqual(['summer/torn.png']);
    expect(names({ query: 'summer dog' })).toEqual(['summer/Rex.png']);
    expect(names({ query: '  ' })).toHaveLength(3);
    expect(names({ query: 'zebra' })).toEqual([]);
  });

  test('failed images and blank maps can be looked at alone', () => {
    expect(names({ selection: 'failed' })).toEqual(['summer/torn.png']);
    expect(names({ selection: 'blank' })).toEqual(['winter/tom.png']);
    expect(countSelections(entries)).toEqual({ all: 3, failed: 1, blank: 1, wrong: 0, changed: 0 });
  });
});

describe('by prediction', () => {
  const mixed = listEntries([
    planLine('10.png', 'dog', undefined, 0.95),
    planLine('9.png', 'bird', undefined, 0.3),
    { image: 'torn.png', error: 'ends too early' },
    planLine('11.png', 'zebra', undefined, 0.6),
    planLine('12.png', 'bird', undefined, 0.92),
  ]);

  test('one class, or how sure the model is', () => {
    expect(names({ predicted: 5 }, mixed)).toEqual(['11.png']);
    expect(names({ certainty: 'unsure' }, mixed)).toEqual(['9.png']);
    expect(names({ certainty: 'between' }, mixed)).toEqual(['11.png']);
    expect(names({ certainty: 'sure' }, mixed)).toEqual(['10.png', '12.png']);
  });

  test('orders put failed images last and count numbers in names', () => {
    const order = (name: Filters['order']): string[] => names({ order: name }, mixed);
    expect(order('name')).toEqual(['9.png', '10.png', '11.png', '12.png', 'torn.png']);
    expect(order('class')).toEqual(['9.png', '12.png', '10.png', '11.png', 'torn.png']);
    expect(order('least-sure')).toEqual(['9.png', '11.png', '12.png', '10.png', 'torn.png']);
    expect(order('most-sure')).toEqual(['10.png', '12.png', '11.png', '9.png', 'torn.png']);
    expect(order('run')).toEqual(mixed.map(({ name }) => name));
  });

  test('classes are counted, the frequent first', () => {
    expect(countClasses(listEntries([planLine('a', 'dog'), planLine('b', 'zebra')]))).toEqual([
      { index: 3, name: 'dog', count: 1 },
      { index: 5, name: 'zebra', count: 1 },
    ]);
    expect(countClasses(mixed)[0]).toEqual({ index: 4, name: 'bird', count: 2 });
  });
});

describe('finding', () => {
  test('neighbours end at both ends', () => {
    const last = findNeighbours(entries, 'photos/winter/tom.png');
    expect(last).toMatchObject({ next: null, position: 2 });
    expect(last.previous?.name).toBe('summer/torn.png');
  });

  test('an explanation is found by its key, else the first is taken', () => {
    const both = [planExplanation('dog'), planExplanation('cat, domestic')];
    expect(findExplanation(both, explanationKey(both[1]!))).toBe(both[1]);
    expect(findExplanation(both, 'grad-cam/block4/class:99')).toBe(both[0]);
    expect(findExplanation([], null)).toBeUndefined();
  });
});
