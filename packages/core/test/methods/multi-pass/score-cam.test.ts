import { describe, expect, test } from 'vitest';
import { forwardPassOf } from '../../../src/methods/passes/forward-pass.ts';
import { channelMasks, chooseChannels } from '../../../src/methods/multi-pass/score-cam-masks.ts';
import { computeScoreCam } from '../../../src/methods/multi-pass/score-cam.ts';
import { openModel, openTinyNet, tinyHeads } from '../passes/tiny-net.ts';
import { toyImage, toyModel, toyRelu1 } from '../../golden/toy.ts';
import { array } from '../../helper/array.ts';
import { camScale, expectClose, largestDifference } from '../../helper/closeness.ts';
import { engineNames } from '../../helper/engines.ts';
import { decodeArray } from '../../helper/fixture.ts';

/**
 * A weight is a softmax of logits of float32, which are wrong by some 1e-6 of their size of about 3:
 * so are the weights, being at most 1.
 */
const WEIGHTS = 1e-5;

const logit = { score: 'logit', of: { class: 0 } } as const;

describe.each(engineNames)('Score-CAM on %s', (engine) => {
  test('of the toy net: scores 20.2 and 6.1 seen through the channels', async () => {
    const session = await openModel(toyModel(), engine);
    const options = { layer: 'relu1', seeds: [logit] };
    const found = await computeScoreCam(forwardPassOf(session), toyImage, options);
    session.dispose();
    expect(found.channels).toEqual([0, 1]);
    // Here both orders of enlarging and min-max agree: the extremes lie in the corners.
    expectClose(found.scores, array([[20.2], [6.1]]));
    expect(found.weights[0]![1]).toBeCloseTo(1 / (1 + Math.exp(14.1)), 9);
    expectClose(
      found.maps[0],
      array([
        [0, 3.999997],
        [30.999981, 39.999981],
      ]),
      1e-6,
    );
  });

  test.each(tinyHeads)('of the net with head %s, each weighting, as NumPy', async (head) => {
    const { expected, input, seeds, session } = await openTinyNet(head, engine);
    const { baseline, weightings, order } = expected.scoreCam;
    const pass = forwardPassOf(session);
    const options = { layer: 'relu', seeds, baseline };
    for (const weighting of ['softmax-logit', 'prob', 'relu-increase'] as const) {
      const found = await computeScoreCam(pass, input, { ...options, weighting });
      expect(found.channels).toEqual(order);
      weightings.forEach((stored, s) => checkSeed(found, s, stored[weighting]!));
    }
    const best = await computeScoreCam(pass, input, { ...options, channels: 2 });
    expect(best.channels).toEqual(order.slice(0, 2));
    weightings.forEach((stored, s) => checkSeed(best, s, stored['top2']!));
    session.dispose();
  });
});

function checkSeed(
  found: Awaited<ReturnType<typeof computeScoreCam>>,
  seed: number,
  stored: Readonly<Record<'weights' | 'map', Parameters<typeof decodeArray>[0]>>,
): void {
  const weights = found.weights[seed]!;
  const wanted = decodeArray(stored.weights);
  expectClose({ shape: [4], data: weights }, wanted, WEIGHTS, 1);
  const scale = camScale(found.activations, () => 1);
  expectClose(found.maps[seed], decodeArray(stored.map), WEIGHTS, scale);
}

describe('Score-CAM', () => {
  test('does not depend on the batch', async () => {
    const { input, seeds, session } = await openTinyNet('flat', 'cpu');
    const pass = forwardPassOf(session);
    const run = (batch: number) => computeScoreCam(pass, input, { layer: 'relu', seeds, batch });
    const whole = await run(64);
    for (const batch of [1, 3]) {
      const found = await run(batch);
      expect(largestDifference(found.scores.data, whole.scores.data)).toBeLessThan(3e-6);
    }
    session.dispose();
  });

  test('explains the class of a rank, not whatever is first behind a mask', async () => {
    const { expected, input, session } = await openTinyNet('flat', 'cpu');
    const pass = forwardPassOf(session);
    const run = async (of: { rank: number } | { class: number }) => {
      const seeds = [{ score: 'logit', of }] as const;
      return (await computeScoreCam(pass, input, { layer: 'relu', seeds })).scores;
    };
    expect(await run({ rank: 2 })).toEqual(await run({ class: expected.classes[1] }));
    session.dispose();
  });

  test('of a layer without any contrast is zero, and runs nothing', async () => {
    let runs = 0;
    const pass = {
      rule: { activation: 'linear' as const },
      run: async () => {
        runs++;
        const value = { shape: [1, 2, 2, 3], data: new Float32Array(12).fill(4) };
        const logits = { shape: [1, 1], data: Float32Array.of(2) };
        return { logits, outputs: new Map([['flat', value]]) };
      },
    };
    const found = await computeScoreCam(pass, toyImage, { layer: 'flat', seeds: [logit] });
    expect(found.maps).toEqual([
      array([
        [0, 0],
        [0, 0],
      ]),
    ]);
    expect(runs).toBe(1);
  });
});

describe('the channels and masks of Score-CAM', () => {
  test('are those that vary most, equal ones in order, constant ones never', () => {
    const activations = array([
      [
        [1, 5, 0, 2, 7],
        [3, 5, 2, 9, 5],
      ],
      [
        [1, 5, 0, 2, 7],
        [3, 5, 2, 2, 5],
      ],
    ]);
    const channels = chooseChannels(activations, 9).map(({ channel }) => channel);
    expect(channels).toEqual([3, 0, 2, 4]);
    expect(chooseChannels(activations, 2)).toHaveLength(2);
  });

  test('are 0 to 1 after enlarging: the toy channel of 0, 4, 31, 40', () => {
    const mask = channelMasks(toyRelu1, [4, 4])(0);
    const rows = [
      [0, 0.025, 0.075, 0.1],
      [0.19375, 0.2265625, 0.2921875, 0.325],
      [0.58125, 0.6296875, 0.7265625, 0.775],
      [0.775, 0.83125, 0.94375, 1],
    ];
    expectClose({ shape: [4, 4], data: mask }, array(rows), 1e-7);
  });

  test('reach 0 and 1 where enlarging does not reach the cells: not the corners', () => {
    const spot = new Float32Array(9);
    spot[4] = 5;
    const mask = channelMasks({ shape: [3, 3, 1], data: spot }, [6, 6])(0);
    expect([Math.min(...mask), Math.max(...mask)]).toEqual([0, 1]);
  });

  test('hide nothing where the input is smaller than the layer and shows no contrast', () => {
    const board = Float32Array.of(1, 0, 0, 1);
    expect([...channelMasks({ shape: [2, 2, 1], data: board }, [1, 1])(0)]).toEqual([1]);
  });
});
