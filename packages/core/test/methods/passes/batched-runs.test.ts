import { describe, expect, test } from 'vitest';
import { viewSession } from '../../../src/explain/view-session.ts';
import { expandBaseline } from '../../../src/methods/passes/baseline.ts';
import { runInBatches } from '../../../src/methods/passes/batched-runs.ts';
import {
  createPredict,
  forwardPassOf,
  resolveRanks,
} from '../../../src/methods/passes/forward-pass.ts';
import { createEngine } from '../../helper/engines.ts';
import { decodeArray } from '../../helper/fixture.ts';
import { readNetFixture } from '../../helper/net-fixture.ts';
import { largestDifference } from '../../helper/closeness.ts';

describe('runs in batches', () => {
  test('cover all items once and report each run', async () => {
    const stretches: number[][] = [];
    const reports: number[][] = [];
    await runInBatches(
      7,
      { batch: 3, onProgress: ({ done, total }) => reports.push([done, total]) },
      async (start, count) => void stretches.push([start, count]),
    );
    expect(stretches).toEqual([
      [0, 3],
      [3, 3],
      [6, 1],
    ]);
    expect(reports).toEqual([
      [3, 7],
      [6, 7],
      [7, 7],
    ]);
  });

  test('do nothing for a signal that is aborted already', async () => {
    let runs = 0;
    const work = runInBatches(3, { signal: AbortSignal.abort() }, async () => void runs++);
    await expect(work).rejects.toMatchObject({ name: 'AbortError' });
    expect(runs).toBe(0);
  });

  test('stop after the run in which they are aborted, without a report of it', async () => {
    const controller = new AbortController();
    const reports: number[] = [];
    const options = {
      batch: 1,
      signal: controller.signal,
      onProgress: ({ done }: { done: number }) => reports.push(done),
    };
    const work = runInBatches(5, options, async (start) => {
      if (start === 2) controller.abort(new Error('enough'));
    });
    await expect(work).rejects.toThrow('enough');
    expect(reports).toEqual([1, 2]);
  });

  test('hear a timer between runs that never leave this thread', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 0);
    const work = runInBatches(1e6, { batch: 1, signal: controller.signal }, async () => {});
    await expect(work).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('baselines', () => {
  test('are one number, one for each channel, or a whole input', () => {
    expect([...expandBaseline(2, [1, 1, 2, 2])]).toEqual([2, 2, 2, 2]);
    expect([...expandBaseline([1, 2], [1, 1, 2, 2])]).toEqual([1, 2, 1, 2]);
    const whole = { shape: [1, 1, 2, 2], data: Float32Array.of(1, 2, 3, 4) };
    expect([...expandBaseline(whole, [1, 1, 2, 2])]).toEqual([1, 2, 3, 4]);
  });

  test.each([[[1, 2, 3]], [[]], [[1, Infinity]]])('refuse %j for two channels', (baseline) => {
    expect(() => expandBaseline(baseline, [1, 1, 2, 2])).toThrow('baseline: expected 1, 2 or 4');
  });
});

describe('models with two inputs', () => {
  test('change the image and repeat the further input', async () => {
    const { network, weights, inputs, expected } = await readNetFixture('two-inputs');
    const engine = await createEngine('cpu');
    const session = await engine.open(network, weights);
    const { image, ...further } = inputs;
    const view = viewSession(session, { inputs: further });
    const data = Float32Array.of(...image!.data, ...image!.data);
    const twice = { shape: [2, ...image!.shape.slice(1)], data };
    const logits = await createPredict(forwardPassOf(view.session))(twice);
    view.release();
    session.dispose();
    const stored = decodeArray(expected.logits).data;
    const wanted = Float32Array.of(...stored, ...stored);
    expect(logits.shape).toEqual([2, stored.length]);
    // As in the suite of these nets: some dozen layers of float32 against float64.
    expect(largestDifference(logits.data, wanted)).toBeLessThan(2e-5);
  });
});

test('a rank is replaced by its class once, so that a changed input cannot change the class', () => {
  const seeds = [
    { score: 'probability', of: { rank: 1 } },
    { score: 'logit', of: { not: 2 } },
  ] as const;
  expect(resolveRanks(seeds, [1, 5, 3], { activation: 'softmax' })).toEqual([
    { score: 'probability', of: { class: 2 } },
    { score: 'logit', of: { not: 2 } },
  ]);
});
