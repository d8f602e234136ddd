import { expect, test } from 'vitest';
import { searchWords } from '../../src/explain/search-words.ts';

/** Token 0 is the end; the words 1 and 2 are the others. Probabilities after each text, computed by hand. */
const chances: Readonly<Record<string, readonly [number, number, number]>> = {
  '': [0.1, 0.6, 0.3],
  '1': [0.3, 0.4, 0.3],
  '2': [0.9, 0.05, 0.05],
  '1,1': [0.4, 0.3, 0.3],
  '1,2': [0.5, 0.25, 0.25],
  '2,1': [1 / 3, 1 / 3, 1 / 3],
  '2,2': [1 / 3, 1 / 3, 1 / 3],
};
const START = 9;

const search = (beams: number, length: number, never: ReadonlySet<number> = new Set()) => {
  const asked: number[] = [];
  const next = async (texts: readonly (readonly number[])[]): Promise<Float64Array[]> => {
    asked.push(texts.length);
    return texts.map(([start, ...words]) => {
      expect(start).toBe(START);
      return Float64Array.from(chances[words.join()]!, Math.log);
    });
  };
  const found = searchWords({ next, beams, length, start: START, end: 0, never });
  return found.then((utterances) => ({ utterances, asked }));
};

test('one beam takes the likeliest word each time', async () => {
  const { utterances } = await search(1, 3);
  // 0.6 * 0.4 * 0.4
  expect(utterances[0]!.tokens).toEqual([1, 1, 0]);
  expect(utterances[0]!.logProbability).toBeCloseTo(Math.log(0.096), 12);
  expect(utterances[0]!.isEnded).toBe(true);
});

test('two beams find what begins less likely', async () => {
  const { utterances, asked } = await search(2, 3);
  // 0.3 * 0.9 = 0.27 is more than 0.6 * 0.3 = 0.18 and than anything behind 0.6 * 0.4 = 0.24.
  expect(utterances[0]!.tokens).toEqual([2, 0]);
  expect(utterances[0]!.logProbability).toBeCloseTo(Math.log(0.27), 12);
  expect(utterances[0]!.logProbabilities.map(Math.exp)).toEqual([
    expect.closeTo(0.3, 12),
    expect.closeTo(0.9, 12),
  ]);
  expect(asked[0]).toBe(1);
});

test('without room for an end the text is not ended', async () => {
  const { utterances } = await search(1, 2);
  expect(utterances[0]).toMatchObject({ tokens: [1, 1], isEnded: false });
});

test('a forbidden word is never written', async () => {
  const { utterances } = await search(1, 3, new Set([1]));
  expect(utterances[0]!.tokens).toEqual([2, 0]);
});

test('the search ends when no other text can overtake', async () => {
  // Both beams have ended after two words, so a third is not asked for.
  const { asked } = await search(2, 3, new Set([1]));
  expect(asked).toEqual([1, 1]);
});
