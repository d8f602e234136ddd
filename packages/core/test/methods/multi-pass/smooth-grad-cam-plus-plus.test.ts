import { describe, expect, test } from 'vitest';
import {
  computeSmoothGradCamPlusPlus,
  computeSmoothGradCamPlusPlusWeights,
} from '../../../src/methods/multi-pass/smooth-grad-cam-plus-plus.ts';
import { openModel, openTinyNet, tinyHeads } from '../passes/tiny-net.ts';
import { toyConv1, toyImage, toyModel } from '../../golden/toy.ts';
import { array } from '../../helper/array.ts';
import { camScale, expectClose, FLOAT32_SUMS } from '../../helper/closeness.ts';
import { engineNames } from '../../helper/engines.ts';
import { decodeArray } from '../../helper/fixture.ts';

const logit = { score: 'logit', of: { class: 0 } } as const;

describe.each(engineNames)('Smooth Grad-CAM++ on %s', (engine) => {
  test.each(tinyHeads)('of the net with head %s, as NumPy', async (head) => {
    const { expected, input, seeds, session } = await openTinyNet(head, engine);
    const { options, results } = expected.smoothGradCamPlusPlus;
    const layer = session.network.layers.get('conv')!;
    const found = await computeSmoothGradCamPlusPlus(session, input, { ...options, seeds, layer });
    const { outputs } = await session.run({ inputs: { image: input }, outputs: [layer] });
    session.dispose();
    results.forEach((stored, s) => {
      const weights = decodeArray(stored.weights);
      expectClose({ shape: [4], data: found[s]!.weights }, weights, FLOAT32_SUMS);
      const scale = camScale(outputs.get(layer)!, (_, k) => weights.data[k]!);
      expectClose(found[s]!.map, decodeArray(stored.map), FLOAT32_SUMS, scale);
    });
  });

  test('without noise is Grad-CAM++: the toy net at relu1', async () => {
    const session = await openModel(toyModel(), engine);
    const options = { layer: 'relu1', seeds: [logit], noise: 0, samples: 2 };
    const [found] = await computeSmoothGradCamPlusPlus(session, toyImage, options);
    session.dispose();
    // Equation 19 by hand: 4 cells of 1 / (2 + 75), one of 1 / (2 + 21).
    const weights = array([4 / 77, 1 / 23]);
    expectClose({ shape: [2], data: found!.weights }, weights);
    expectClose(
      found!.map,
      array([
        [0, 0.207792],
        [1.871259, 2.730096],
      ]),
      1e-6,
    );
  });
});

describe('weights of Smooth Grad-CAM++', () => {
  const powers = (g: readonly number[]) => ({
    first: g,
    second: g.map((value) => value ** 2),
    third: g.map((value) => value ** 3),
  });

  test('of means by hand: (5/2) / (2 * 5/2 + 9/2 * 3) * 3/2 for gradients 1 and 2', () => {
    const activations = array([[[3]]]);
    const weights = computeSmoothGradCamPlusPlusWeights(activations, {
      first: [3 / 2],
      second: [5 / 2],
      third: [9 / 2],
    });
    expect(weights[0]).toBeCloseTo(((5 / 2) * (3 / 2)) / (5 + 27 / 2), 12);
  });

  test('are finite where there is no gradient or the denominator vanishes', () => {
    const negative = array([[[-2, 1]]]);
    expect([...computeSmoothGradCamPlusPlusWeights(negative, powers([1, 0]))]).toEqual([0, 0]);
  });

  test('leave negative gradients out', () => {
    const gradients = Array.from(toyConv1.data, () => -1);
    expect([...computeSmoothGradCamPlusPlusWeights(toyConv1, powers(gradients))]).toEqual([0, 0]);
  });
});
