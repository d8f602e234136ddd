import type { ResultExplanation } from '@gradcam/core';
import { describe, expect, test } from 'vitest';
import { listEntries } from '../src/run/entry.ts';
import {
  countSelections,
  explanationKey,
  findExplanation,
  findNeighbours,
  selectEntries,
} from '../src/state/select.ts';

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

function planLine(image: string, label: string, blank?: string) {
  const explanations = [planExplanation(label, blank)];
  const predictions = [{ index: 0, label, probability: 0.9, logit: 3 }];
  return { image, sha256: '', width: 4, height: 3, predictions, explanations, ms: 1 };
}

const entries = listEntries([
  planLine('photos/summer/Rex.png', 'dog'),
  { image: 'photos/summer/torn.png', error: 'ends too early' },
  planLine('photos/winter/tom.png', 'tiger cat', 'all evidence speaks against it'),
]);

function names(query: string, selection: 'all' | 'failed' | 'blank' = 'all'): string[] {
  return selectEntries(entries, { query, selection }).map(({ name }) => name);
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
    expect(names('rex')).toEqual(['summer/Rex.png']);
    expect(names('TIGER')).toEqual(['winter/tom.png']);
    expect(names('too early')).toEqual(['summer/torn.png']);
    expect(names('summer dog')).toEqual(['summer/Rex.png']);
    expect(names('  ')).toHaveLength(3);
    expect(names('zebra')).toEqual([]);
  });

  test('failed images and blank maps can be looked at alone', () => {
    expect(names('', 'failed')).toEqual(['summer/torn.png']);
    expect(names('', 'blank')).toEqual(['winter/tom.png']);
    expect(countSelections(entries)).toEqual({ all: 3, failed: 1, blank: 1 });
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
