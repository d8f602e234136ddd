import { describe, expect, test } from 'vitest';
import type { NdArray } from '../../../src/base/nd-array.ts';
import {
  createPredict,
  forwardPassOf,
  type Predict,
} from '../../../src/methods/passes/forward-pass.ts';
import { computeOcclusion, occlusionMap } from '../../../src/methods/multi-pass/occlusion.ts';
import { toyImage, toyModel, toyScore } from '../../golden/toy.ts';
import { array } from '../../helper/array.ts';
import { expectClose, FLOAT32_SUMS, largestOf } from '../../helper/closeness.ts';
import { engineNames } from '../../helper/engines.ts';
import { decodeArray } from '../../helper/fixture.ts';
import { openModel, openTinyNet, tinyHeads } from '../passes/tiny-net.ts';

describe.each(engineNames)('occlusion on %s', (engine) => {
  test('of the toy net: 2x2 windows of zeros, by hand', async () => {
    const session = await openModel(toyModel(), engine);
    const predict = createPredict(forwardPassOf(session));
    const found = await computeOcclusion(predict, toyImage, { patch: [2, 2] });
    session.dispose();
    expect([...found.scores]).toEqual([toyScore]);
    expect(occlusionMap(found, 0)).toEqual(
      array([
        [7, 7, 4, 4],
        [7, 7, 4, 4],
        [36, 36, 47, 47],
        [36, 36, 47, 47],
      ]),
    );
  });

  test.each(tinyHeads)('of the net with head %s, all classes at once, as NumPy', async (head) => {
    const { expected, input, session } = await openTinyNet(head, engine);
    const { maps, clamped, ...options } = expected.occlusion;
    const predict = createPredict(forwardPassOf(session));
    const found = await computeOcclusion(predict, input, options);
    const moved = await computeOcclusion(predict, input, { patch: [3, 3], batch: 4 });
    session.dispose();
    // A drop is the difference of two logits: it has their rounding, however small it is.
    const scale = largestOf(found.scores);
    maps.forEach((map, c) => {
      expectClose(occlusionMap(found, c), decodeArray(map), FLOAT32_SUMS, scale);
    });
    expectClose(occlusionMap(moved, 0), decodeArray(clamped), FLOAT32_SUMS, scale);
  });
});

describe('occlusion of an additive model', () => {
  const weights = Float32Array.from({ length: 30 }, (_, i) => (i * 7) % 11);
  const input: NdArray = {
    shape: [1, 5, 6, 1],
    data: Float32Array.from({ length: 30 }, (_, i) => ((i * 5) % 9) - 4),
  };
  const predict: Predict = async ({ shape, data }) => ({
    shape: [shape[0]!, 1],
    data: Float32Array.from({ length: shape[0]! }, (_, i) =>
      weights.reduce((sum, weight, j) => sum + weight * data[i * 30 + j]!, 0),
    ),
  });

  test('by single pixels is what each pixel adds', async () => {
    const found = await computeOcclusion(predict, input, { patch: [1, 1] });
    expect([...occlusionMap(found, 0).data]).toEqual(
      [...weights].map((w, i) => w * input.data[i]! + 0),
    );
  });

  test('sums to the score when windows tile the input', async () => {
    const found = await computeOcclusion(predict, input, { patch: [5, 2] });
    const sum = found.drops.data.reduce((total, drop) => total + drop, 0);
    expect(sum).toBe(found.scores[0]);
  });

  test('does not depend on the batch', async () => {
    const options = { patch: [3, 4], stride: [1, 2] } as const;
    const whole = await computeOcclusion(predict, input, { ...options, batch: 100 });
    for (const batch of [1, 2, 5]) {
      expect(await computeOcclusion(predict, input, { ...options, batch })).toEqual(whole);
    }
  });

  test.each([
    ['a patch larger than the input', { patch: [6, 2] }],
    ['a stride that leaves gaps', { patch: [2, 2], stride: [3, 2] }],
    ['a patch of nothing', { patch: [0, 2] }],
    ['half a pixel', { patch: [2, 1.5] }],
    ['a batch of nothing', { patch: [2, 2], batch: 0 }],
    ['a baseline of another size', { patch: [2, 2], baseline: [1, 2] }],
    ['a baseline that is not a number', { patch: [2, 2], baseline: NaN }],
  ] as const)('refuses %s', async (_, options) => {
    const work = computeOcclusion(predict, input, options);
    await expect(work).rejects.toMatchObject({ name: 'GradcamError', kind: 'argument' });
  });

  test('refuses a score that is not there and more than one input', async () => {
    const found = await computeOcclusion(predict, input, { patch: [5, 6] });
    expect(() => occlusionMap(found, 1)).toThrow('score 1 is not in 0..0');
    const two = { shape: [2, 5, 3, 1], data: input.data };
    const work = computeOcclusion(predict, two, { patch: [1, 1] });
    await expect(work).rejects.toThrow('expected one input');
  });
});

test('of seeds has one score for each, of a contrast the difference', async () => {
  const { expected, input, session, seeds } = await openTinyNet('flat', 'cpu');
  const predict = createPredict(forwardPassOf(session), seeds);
  const { scores } = await computeOcclusion(predict, input, { patch: [7, 6] });
  session.dispose();
  const [first, last] = expected.classes;
  const logits = decodeArray(expected.logits).data;
  expect(scores).toHaveLength(2);
  expect(scores[1]).toBeCloseTo(logits[first]! - logits[last]!, 5);
});
