import type { ResultLine } from '@gradcam/core';
import { expect, test } from 'vitest';
import { listEntries } from '../src/run/entry.ts';
import { isChanged, pairEntries, scoreDrop } from '../src/run/pair.ts';
import { countSelections, selectEntries } from '../src/state/select.ts';
import { defaultView } from '../src/state/view.ts';

function plan(
  image: string,
  sha256: string,
  classes: readonly (readonly [index: number, probability: number])[],
  more: Partial<ResultLine> = {},
): ResultLine {
  const predictions = classes.map(([index, probability]) => ({ index, probability, logit: 1 }));
  return { image, sha256, width: 8, height: 6, predictions, explanations: [], ms: 1, ...more };
}

const own = listEntries([
  plan('a/cat.png', 'aa', [
    [0, 0.75],
    [1, 0.25],
  ]),
  plan('a/dog.png', 'bb', [[1, 0.5]]),
  plan('a/owl.png', 'cc', [[2, 0.875]]),
  plan('a/fox.png', 'dd', [[3, 0.5]]),
  { image: 'a/torn.png', error: 'ends too early' },
]);
const others = listEntries([
  // Another name, the same bytes.
  plan('b/tom.png', 'aa', [
    [1, 0.625],
    [0, 0.25],
  ]),
  // The same name, other bytes: the same picture in another format, say.
  plan('b/dog.png', 'b2', [[1, 0.5]]),
  // The same name, another picture.
  plan('b/owl.png', 'c2', [[2, 0.5]], { width: 5 }),
  plan('b/fox.png', 'dd', [[4, 0.5]]),
]);
const paired = pairEntries(own, others);
const explained = paired.filter((entry) => entry.kind === 'explained');

test('images are paired by their bytes, else by name and size', () => {
  expect(explained.map(({ other }) => other?.image)).toEqual([
    'b/tom.png',
    'b/dog.png',
    undefined,
    'b/fox.png',
  ]);
  expect(paired[4]).toBe(own[4]);
});

test('a changed class and the drop of its probability are told', () => {
  expect(explained.map(isChanged)).toEqual([true, false, false, true]);
  // 0.75 - 0.25; none; no pair; a class that the other run does not list is zero there.
  expect(explained.map(scoreDrop)).toEqual([0.5, 0, NaN, 0.5]);
  expect(countSelections(paired).changed).toBe(2);
  const names = selectEntries(paired, { ...defaultView, order: 'score-drop' });
  expect(names.map(({ name }) => name)).toEqual([
    'cat.png',
    'fox.png',
    'dog.png',
    'owl.png',
    'torn.png',
  ]);
});

test('with ground truth the surest mistakes come first', () => {
  const truth = { index: 9 };
  const judged = listEntries([
    plan('right.png', '1', [[9, 0.99]], { truth, correct: true }),
    plan('unsure.png', '2', [[1, 0.5]], { truth, correct: false }),
    plan('sure.png', '3', [[1, 0.875]], { truth, correct: false }),
    plan('none.png', '4', [[1, 0.95]]),
  ]);
  const names = (filters: Partial<typeof defaultView>): string[] =>
    selectEntries(judged, { ...defaultView, ...filters }).map(({ name }) => name);
  expect(names({ order: 'wrong-first' })).toEqual([
    'sure.png',
    'unsure.png',
    'right.png',
    'none.png',
  ]);
  expect(names({ selection: 'wrong' })).toEqual(['unsure.png', 'sure.png']);
  expect(countSelections(judged).wrong).toBe(2);
});

test('a question is paired with the same question; another one only where each run has one', () => {
  const ask = (image: string, question: string): ResultLine =>
    plan(image, 'aa', [[0, 0.5]], { text: { question, answer: 'yes' } });
  const pairs = (own: ResultLine[], others: ResultLine[]): (string | undefined)[] =>
    pairEntries(listEntries(own), listEntries(others)).map((entry) =>
      entry.kind === 'explained' ? entry.other?.key : undefined,
    );
  const [one, two] = [ask('a.png', 'one'), ask('a.png', 'two')];
  expect(pairs([one, two], [two, one])).toEqual(['a.png\none', 'a.png\ntwo']);
  expect(pairs([one, two], [two])).toEqual([undefined, 'a.png\ntwo']);
  expect(pairs([one], [two])).toEqual(['a.png\ntwo']);
  expect(pairs([one], [two, ask('a.png', 'three')])).toEqual([undefined]);
});
