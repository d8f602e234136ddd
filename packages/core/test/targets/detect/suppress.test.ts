import { describe, expect, test } from 'vitest';
import { overlap, suppress, type Candidate } from '../../../src/targets/detect/suppress.ts';

const box = (left: number, top: number, right: number, bottom: number) => ({
  left,
  top,
  right,
  bottom,
});

/** Each case by hand on squared paper. */
describe('overlap', () => {
  test.each([
    ['the same', box(0, 0, 2, 2), box(0, 0, 2, 2), 1],
    ['one of seven squares', box(0, 0, 2, 2), box(1, 1, 3, 3), 1 / 7],
    ['one inside of the other', box(0, 0, 4, 2), box(1, 0, 3, 1), 2 / 8],
    ['an edge in common', box(0, 0, 1, 1), box(1, 0, 2, 1), 0],
    ['apart', box(0, 0, 1, 1), box(5, 5, 6, 6), 0],
    ['no area', box(1, 1, 1, 1), box(0, 0, 2, 2), 0],
  ])('%s', (_, a, b, expected) => {
    expect(overlap(a, b)).toBeCloseTo(expected, 12);
    expect(overlap(b, a)).toBeCloseTo(expected, 12);
  });
});

describe('suppress', () => {
  const candidate = (
    place: number,
    score: number,
    at: ReturnType<typeof box>,
    classIndex = 0,
  ): Candidate => ({ ...at, place, score, classIndex });
  const places = (list: readonly Candidate[]): number[] => list.map(({ place }) => place);

  test('keeps the better of two that overlap by more than the limit, and both at the limit', () => {
    const list = [candidate(0, 0.5, box(0, 0, 2, 2)), candidate(1, 0.9, box(1, 0, 3, 2))];
    // Two of six squares.
    expect(places(suppress(list, 0.33, 10))).toEqual([1]);
    expect(places(suppress(list, 1 / 3, 10))).toEqual([1, 0]);
  });

  test('leaves other classes alone', () => {
    const list = [candidate(0, 0.5, box(0, 0, 2, 2)), candidate(1, 0.9, box(0, 0, 2, 2), 1)];
    expect(places(suppress(list, 0.1, 10))).toEqual([1, 0]);
  });

  test('a box that is suppressed suppresses none', () => {
    // Each overlaps the next by a third, the first and the third only touch.
    const chain = [
      candidate(0, 0.9, box(0, 0, 2, 1)),
      candidate(1, 0.8, box(1, 0, 3, 1)),
      candidate(2, 0.7, box(2, 0, 4, 1)),
    ];
    expect(places(suppress(chain, 0.3, 10))).toEqual([0, 2]);
  });

  test('keeps the order of the places among equal scores, and no more than are wanted', () => {
    const list = [3, 1, 2].map((place) =>
      candidate(place, 0.5, box(10 * place, 0, 10 * place + 5, 5)),
    );
    expect(places(suppress(list, 0.45, 10))).toEqual([1, 2, 3]);
    expect(places(suppress(list, 0.45, 2))).toEqual([1, 2]);
  });
});
