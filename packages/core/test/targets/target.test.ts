import { describe, expect, test } from 'vitest';
import { fitImage } from '../../src/image/geometry.ts';
import { aimTarget } from '../../src/targets/aim-target.ts';
import { parseTarget, resolveTarget } from '../../src/targets/target.ts';

const names = {
  labels: ['tench, Tinca tinca', 'crane', 'Boxer', 'crane', 'tiger cat', 'tiger, Panthera tigris'],
  wnids: ['n01440764', 'n02012849', 'n02108089', 'n03126707', 'n02123159', 'n02129604'],
};

const sixClasses = { activation: 'softmax', shape: [6], classes: 6 } as const;
const geometry = fitImage(
  { width: 20, height: 10 },
  { width: 10, height: 10, fit: 'crop', cropFraction: 1 },
);

function parse(text: string) {
  return parseTarget(text, names, 6);
}

describe('what a user writes', () => {
  test.each([
    ['2', [{ kind: 'class', index: 2 }]],
    [' boxer ', [{ kind: 'class', index: 2 }]],
    ['TINCA TINCA', [{ kind: 'class', index: 0 }]],
    ['tench, Tinca tinca', [{ kind: 'class', index: 0 }]],
    ['tiger', [{ kind: 'class', index: 5 }]],
    ['tiger cat', [{ kind: 'class', index: 4 }]],
    ['n02108089', [{ kind: 'class', index: 2 }]],
    ['top1', [{ kind: 'rank', rank: 0 }]],
    ['Top3', [0, 1, 2].map((rank) => ({ kind: 'rank', rank }))],
    ['not:boxer', [{ kind: 'not', index: 2 }]],
    ['NOT: 4', [{ kind: 'not', index: 4 }]],
    ['boxer:tiger cat', [{ kind: 'contrast', index: 2, than: 4 }]],
    ['0:n02108089', [{ kind: 'contrast', index: 0, than: 2 }]],
  ])('%s', (text, expected) => {
    expect(parse(text)).toEqual(expected);
  });
});

describe('errors', () => {
  test('a name that several classes have lists them', () => {
    expect(() => parse('crane')).toThrow(
      expect.objectContaining({
        kind: 'not-found',
        message: "'crane' names several classes: 1 (crane), 3 (crane); give the index",
      }),
    );
  });

  test('a name that no class has lists the nearest', () => {
    expect(() => parse('boxr')).toThrow(
      expect.objectContaining({
        kind: 'not-found',
        candidates: expect.arrayContaining(['Boxer']),
      }),
    );
  });

  test.each([
    ['6', 'argument', '0..5'],
    ['not:99', 'argument', '0..5'],
    ['top7', 'argument', '6 classes'],
    ['top0', 'argument', 'N of 1 or more; give top1'],
    ['-1', 'not-found', '-1'],
    ['', 'not-found', "''"],
    ['1:2:3', 'not-found', '1:2:3'],
  ])('%j', (text, kind, message) => {
    expect(() => parse(text)).toThrow(
      expect.objectContaining({ kind, message: expect.stringContaining(message) }),
    );
  });

  test('a model without names says so', () => {
    expect(() => parseTarget('boxer', { labels: [], wnids: [] }, 3)).toThrow(
      /no class names; give an index in 0\.\.2/,
    );
  });
});

describe('seeds and results', () => {
  test.each([
    [{ kind: 'rank', rank: 1 }, { rank: 1 }],
    [{ kind: 'class', index: 3 }, { class: 3 }],
    [{ kind: 'not', index: 3 }, { not: 3 }],
    [{ kind: 'contrast', index: 3, than: 4 }, { contrast: [3, 4] }],
  ] as const)('%j is the logit of %j', (spec, of) => {
    const { seed } = aimTarget(spec, sixClasses, { scores: null, boxes: null, geometry, names });
    expect(seed).toEqual({ score: 'logit', of });
  });

  test('a rank becomes the class that it came to', () => {
    expect(resolveTarget({ kind: 'rank', rank: 0 }, { classIndex: 0, names })).toEqual({
      kind: 'class',
      index: 0,
      label: 'tench',
    });
  });

  test('a contrast keeps the other class; without names there is no label', () => {
    const none = { labels: [], wnids: [] };
    expect(
      resolveTarget({ kind: 'contrast', index: 1, than: 2 }, { classIndex: 1, names: none }),
    ).toEqual({
      kind: 'contrast',
      index: 1,
      than: 2,
    });
  });
});
