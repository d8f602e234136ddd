import { describe, expect, test } from 'vitest';
import type { NdArray } from '../../../src/base/nd-array.ts';
import {
  createPredict,
  forwardPassOf,
  type Predict,
} from '../../../src/methods/passes/forward-pass.ts';
import { createRiseMasks } from '../../../src/methods/multi-pass/rise-masks.ts';
import { computeRise, riseMap } from '../../../src/methods/multi-pass/rise.ts';
import { expectClose, FLOAT32_SUMS } from '../../helper/closeness.ts';
import { engineNames } from '../../helper/engines.ts';
import { decodeArray } from '../../helper/fixture.ts';
import { openTinyNet, tinyHeads } from '../passes/tiny-net.ts';

const input: NdArray = {
  shape: [1, 9, 5, 1],
  data: Float32Array.from({ length: 45 }, (_, i) => ((i * 5) % 9) - 4),
};

/** Scores of each item by a function of its values. */
function predictBy(...scores: ((values: Float32Array) => number)[]): Predict {
  return async ({ shape, data }) => ({
    shape: [shape[0]!, scores.length],
    data: Float32Array.from({ length: shape[0]! * scores.length }, (_, i) => {
      const item = Math.floor(i / scores.length);
      return scores[i % scores.length]!(data.subarray(item * 45, (item + 1) * 45));
    }),
  });
}

describe.each(engineNames)('RISE on %s', (engine) => {
  test.each(tinyHeads)('of the net with head %s, all classes at once, as NumPy', async (head) => {
    const { expected, input, session } = await openTinyNet(head, engine);
    const { options, baseline, coverage, paper } = expected.rise;
    const predict = createPredict(forwardPassOf(session));
    const found = await computeRise(predict, input, { ...options, baseline });
    session.dispose();
    expect(found.scores).toEqual([0, 1, 2]);
    coverage.forEach((map, c) => expectClose(riseMap(found, c), decodeArray(map), FLOAT32_SUMS));
    paper.forEach((map, c) =>
      expectClose(riseMap(found, c, 'paper'), decodeArray(map), FLOAT32_SUMS),
    );
  });
});

describe('masks', () => {
  test('are those of NumPy for the same generator', async () => {
    const { expected, session } = await openTinyNet('flat', 'cpu');
    session.dispose();
    const mask = createRiseMasks(7, 6, expected.rise.options)();
    // One bilinear sample in float64 on each side, rounded once.
    expectClose({ shape: [7, 6], data: mask }, decodeArray(expected.rise.first), 1e-7);
  });

  test('stay within 0 and 1, differ, and show a share of about the probability', () => {
    const next = createRiseMasks(20, 30, { probability: 0.3, seed: 9 });
    const masks = Array.from({ length: 200 }, next);
    expect(masks.every((mask) => mask.every((value) => value >= 0 && value <= 1))).toBe(true);
    expect(masks[0]).not.toEqual(masks[1]);
    const mean = masks.flatMap((mask) => [...mask]).reduce((a, b) => a + b) / (200 * 600);
    // 200 masks of 49 cells: a standard error of sqrt(.3 * .7 / 9800) = .0046, five of them.
    expect(Math.abs(mean - 0.3)).toBeLessThan(0.023);
  });

  test('show everything at probability 1, whatever the sizes', () => {
    for (const [height, width] of [
      [1, 1],
      [3, 50],
      [7, 7],
    ] as const) {
      const mask = createRiseMasks(height, width, { probability: 1 })();
      expect(mask).toHaveLength(height * width);
      for (const value of mask) expect(value).toBeCloseTo(1, 6);
    }
  });

  test.each([
    ['no cells', { cells: 0 }],
    ['a probability of 0', { probability: 0 }],
    ['a probability above 1', { probability: 1.5 }],
  ])('refuse %s', (_, options) => {
    expect(() => createRiseMasks(5, 5, options)).toThrow(/^(cells|probability): expected/);
  });
});

describe('RISE', () => {
  test('of a model whose score is always the same is flat', async () => {
    const found = await computeRise(
      predictBy(() => 3),
      input,
      { masks: 40, seed: 2 },
    );
    for (const value of riseMap(found, 0).data) expect(value).toBeCloseTo(3, 6);
  });

  test('of a score that is multiplied is multiplied, and of a sum is the sum', async () => {
    const first = (values: Float32Array): number => values[7]!;
    const second = (values: Float32Array): number => values[30]!;
    const predict = predictBy(
      first,
      second,
      (v) => -2 * first(v),
      (v) => first(v) + second(v),
    );
    const found = await computeRise(predict, input, { masks: 60, seed: 4 });
    const [a, b, twice, sum] = [0, 1, 2, 3].map((score) => riseMap(found, score).data);
    a!.forEach((value, i) => {
      expect(twice![i]).toBeCloseTo(-2 * value, 5);
      expect(sum![i]).toBeCloseTo(value + b![i]!, 5);
    });
  });

  test('finds the pixel that alone decides', async () => {
    const only = 22;
    const bright = { shape: input.shape, data: new Float32Array(45).fill(1) };
    const found = await computeRise(
      predictBy((v) => v[only]!),
      bright,
      { masks: 2000 },
    );
    const { data } = riseMap(found, 0);
    expect(data[only]).toBe(Math.max(...data));
  });

  test('gives a pixel that no mask has shown the mean score', async () => {
    const found = await computeRise(
      predictBy(() => 5),
      input,
      {
        masks: 1,
        cells: 9,
        probability: 1e-9,
      },
    );
    expect(found.coverage.every((sum) => sum === 0)).toBe(true);
    expect([...new Set(riseMap(found, 0).data)]).toEqual([5]);
    expect([...new Set(riseMap(found, 0, 'paper').data)]).toEqual([0]);
  });

  test('does not depend on the batch, but on the seed', async () => {
    const predict = predictBy((v) => v[3]! * v[9]!);
    const whole = await computeRise(predict, input, { masks: 23, batch: 23 });
    for (const batch of [1, 4, 22]) {
      expect(await computeRise(predict, input, { masks: 23, batch })).toEqual(whole);
    }
    const other = await computeRise(predict, input, { masks: 23, seed: 2 });
    expect(riseMap(other, 0)).not.toEqual(riseMap(whole, 0));
  });

  test('keeps only the scores that are wanted', async () => {
    const predict = predictBy(
      (v) => v[1]!,
      (v) => v[2]!,
      (v) => v[3]!,
    );
    const all = await computeRise(predict, input, { masks: 9 });
    const some = await computeRise(predict, input, { masks: 9, scores: [2, 0] });
    expect(some.scores).toEqual([2, 0]);
    expect(riseMap(some, 0)).toEqual(riseMap(all, 2));
    expect(riseMap(some, 1)).toEqual(riseMap(all, 0));
    expect(() => riseMap(some, 2)).toThrow('score 2 is not in 0..1');
    const wrong = computeRise(predict, input, { masks: 9, scores: [3] });
    await expect(wrong).rejects.toThrow('score 3 is not in 0..2');
  });
});
