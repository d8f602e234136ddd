import { describe, expect, test } from 'vitest';
import { measureDeletion } from '../../src/evidence/faithfulness/deletion-insertion.ts';
import { judgeMap, withoutEvidence } from '../../src/evidence/judge-map.ts';
import { shuffleMap } from '../../src/evidence/shuffle-map.ts';
import type { NdArray } from '../../src/base/nd-array.ts';

const SIDE = 8;
const input = { shape: [1, SIDE, SIDE, 1], data: new Float32Array(SIDE * SIDE).fill(1) };

/** A model whose score is the mean of the upper left quarter and looks at nothing else. */
async function predict({ shape, data }: NdArray): Promise<NdArray> {
  const scores = Float32Array.from({ length: shape[0]! }, (_, item) => {
    let sum = 0;
    for (let y = 0; y < SIDE / 2; y++) {
      for (let x = 0; x < SIDE / 2; x++) sum += data[item * SIDE * SIDE + y * SIDE + x]!;
    }
    return sum / 16;
  });
  return { shape: [shape[0]!, 1], data: scores };
}

/** A map that is 1 on a quarter of the input. */
function quarter(isThere: (x: number, y: number) => boolean): NdArray {
  const data = Float32Array.from({ length: SIDE * SIDE }, (_, i) =>
    isThere(i % SIDE, Math.floor(i / SIDE)) ? 1 : 0,
  );
  return { shape: [SIDE, SIDE], data };
}

async function judge(map: NdArray, randomised: number | 'blank' | null) {
  const area = async (own: NdArray): Promise<number> =>
    (await measureDeletion({ predict, input, map: own }, { steps: 4 })).value;
  const random = [];
  for (let seed = 1; seed <= 19; seed++) random.push(await area(shuffleMap(map, seed)));
  return judgeMap({ deletion: await area(map), random, randomised, scoreName: 'probability' });
}

describe('the verdict', () => {
  const good = quarter((x, y) => x < 4 && y < 4);
  const bad = quarter((x, y) => x >= 4 && y >= 4);

  test('of a map that shows what the model looks at, and depends on its weights', async () => {
    const evidence = await judge(good, 0.1);
    // All is gone after the first of four steps: 1, 0, 0, 0, 0.
    expect(evidence.deletion).toBeCloseTo(1 / 8, 12);
    expect(evidence.randomBaseline).toMatchObject({ asLow: 0, maps: 19 });
    expect(evidence.randomBaseline!.mean).toBeGreaterThan(evidence.randomBaseline!.least);
    expect(evidence).toMatchObject({ rating: 'supported', randomised: 0.1 });
    expect(evidence.verdict).toMatch(
      /^Supported: deleting it lowers the probability more than deleting the same at 19 random places \(0\.13, at random places 0\.\d\d on average\), and it changes when all weights are noise \(rank correlation 0\.10\)\.$/,
    );
  });

  test('of the same map where it stays without what the model has learnt', async () => {
    const evidence = await judge(good, 0.83);
    expect(evidence.rating).toBe('doubtful');
    expect(evidence.verdict).toMatch(/^Doubtful: deleting it lowers the probability more than /);
    expect(evidence.verdict).toMatch(
      /, but it stays much the same when all weights are noise \(rank correlation 0\.83\), so it shows the picture more than the model\.$/,
    );
  });

  test('of a map of something else', async () => {
    const evidence = await judge(bad, 0.1);
    // A quarter elsewhere goes first; the order then is that of the image, so that the quarter goes with
    // the upper half, at the shares 3/4 of its rows: 1, 1, 0.5, 0, 0 after 0, 16, 32, 48 and 64 pixels.
    expect(evidence.deletion).toBeCloseTo((1 + 0.75 + 0.25) / 4, 12);
    expect(evidence.rating).toBe('unsupported');
    expect(evidence.randomBaseline!.asLow).toBeGreaterThan(0);
    expect(evidence.verdict).toMatch(
      /^Not supported: deleting it does not lower the probability more than deleting the same at random places does \(0\.50, at random places 0\.\d\d on average; \d+ of 19 lowers? it as much\), though it changes when all weights are noise \(rank correlation 0\.10\)\.$/,
    );
    expect((await judge(bad, 0.9)).verdict).toMatch(/, and it stays much the same when /);
  });

  test('where the map of the randomised net is blank, or there is none', async () => {
    const blank = await judge(good, 'blank');
    expect(blank).toMatchObject({ rating: 'supported', randomised: null });
    expect(blank.verdict).toMatch(/, and nothing is left of it when all weights are noise\.$/);
    const unknown = await judge(good, null);
    expect(unknown).toMatchObject({ rating: 'supported', randomised: null });
    expect(unknown.verdict).toMatch(/, and there is no map with noise as weights, so whether /);
  });

  test('by the numbers alone: one random map that is as low takes the support away', () => {
    const findings = { random: [0.5, 0.2, 0.4], randomised: 0, scoreName: 'score' };
    expect(judgeMap({ ...findings, deletion: 0.19 }).rating).toBe('supported');
    const even = judgeMap({ ...findings, deletion: 0.2 });
    expect(even.rating).toBe('unsupported');
    expect(even.verdict).toContain('1 of 3 lowers it as much');
    expect(even.randomBaseline!.mean).toBeCloseTo(1.1 / 3, 12);
    expect(even.randomBaseline).toMatchObject({ least: 0.2, asLow: 1, maps: 3 });
    expect(judgeMap({ ...findings, deletion: 0.1, randomised: 0.5 }).rating).toBe('doubtful');
    expect(() => judgeMap({ ...findings, random: [], deletion: 1 })).toThrow(/at least one area/);
  });

  test('of a map that was not examined says why', () => {
    expect(withoutEvidence('the map is blank')).toEqual({
      ...{ deletion: null, randomBaseline: null, randomised: null },
      ...{ rating: 'none', verdict: 'No verdict: the map is blank.' },
    });
  });
});

describe('a shuffled map', () => {
  const map = { shape: [5, 4, 3], data: Float32Array.from({ length: 60 }, (_, i) => i) };

  test('has the same places with their channels, in an order that the seed decides', () => {
    const { shape, data } = shuffleMap(map, 7);
    expect(shape).toEqual([5, 4, 3]);
    const places = Array.from({ length: 20 }, (_, i) => [...data.subarray(3 * i, 3 * i + 3)]);
    expect(places.every(([a, b, c]) => a! % 3 === 0 && b === a! + 1 && c === a! + 2)).toBe(true);
    expect(places.map(([a]) => a! / 3).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 20 }, (_, i) => i),
    );
    expect(shuffleMap(map, 7)).toEqual({ shape, data });
    expect(shuffleMap(map, 8).data).not.toEqual(data);
    expect(map.data[5]).toBe(5);
  });
});
