import { describe, expect, test } from 'vitest';
import { createGaussian, createNoisyInputs } from '../../../src/methods/multi-pass/gaussian.ts';
import { computeSmoothGrad } from '../../../src/methods/multi-pass/smooth-grad.ts';
import { openModel, openTinyNet, tinyHeads } from '../passes/tiny-net.ts';
import { toyImage, toyInputGradients, toyModel, toyScore } from '../../golden/toy.ts';
import { array } from '../../helper/array.ts';
import { expectClose, FLOAT32_SUMS } from '../../helper/closeness.ts';
import { engineNames } from '../../helper/engines.ts';
import { decodeArray } from '../../helper/fixture.ts';
import { functionalModel, input, layer } from '../../helper/keras-model.ts';

const logit = { score: 'logit', of: { class: 0 } } as const;

describe.each(engineNames)('SmoothGrad on %s', (engine) => {
  test.each(tinyHeads)(
    'of the net with head %s, squares and variance too, as NumPy',
    async (head) => {
      const { expected, input, seeds, session } = await openTinyNet(head, engine);
      const { options, results } = expected.smoothGrad;
      const found = await computeSmoothGrad(session, input, { ...options, seeds });
      session.dispose();
      expect(found).toHaveLength(2);
      results.forEach((stored, s) => {
        expectClose(found[s]!.mean, decodeArray(stored.mean));
        expectClose(found[s]!.squared, decodeArray(stored.squared));
        // A difference of the two: on the scale of the squares that it is made of.
        const scale = Math.max(...decodeArray(stored.squared).data);
        expectClose(found[s]!.variance, decodeArray(stored.variance), FLOAT32_SUMS, scale);
      });
    },
  );

  test('without noise is the gradient, of which the variance is 0', async () => {
    const session = await openModel(toyModel(), engine);
    const options = { seeds: [logit], noise: 0, samples: 3 };
    const [found] = await computeSmoothGrad(session, toyImage, options);
    session.dispose();
    const plain = array(toyInputGradients.plain.map((row) => row.map((value) => [value])));
    expect(found!.score).toBe(toyScore);
    expect(found!.mean).toEqual(plain);
    expect(found!.squared).toEqual(plain);
    expect(found!.variance.data.every((value) => value === 0)).toBe(true);
  });
});

describe('SmoothGrad of a linear model', () => {
  const kernel = array([[2], [-3], [5], [7]]);
  const model = functionalModel([
    input('image', 2, 2, 1),
    layer('Flatten', 'flat'),
    layer('Dense', 'scores', { units: 1 }, { kernel, bias: array([1]) }),
  ]);
  const image = { shape: [1, 2, 2, 1], data: Float32Array.of(1, 2, 3, 4) };

  test.each([1, 2, 77])('is its gradient, whatever the noise: seed %i', async (seed) => {
    const session = await openModel(model);
    const [found] = await computeSmoothGrad(session, image, { seeds: [logit], seed, samples: 9 });
    session.dispose();
    expect([...found!.mean.data]).toEqual([2, -3, 5, 7]);
    expect([...found!.squared.data]).toEqual([4, 9, 25, 49]);
    expect([...found!.variance.data]).toEqual([0, 0, 0, 0]);
  });
});

describe('SmoothGrad', () => {
  test('does not depend on the batch, but on the seed', async () => {
    const { input, seeds, session } = await openTinyNet('flat', 'cpu');
    const options = { seeds, samples: 7 };
    const run = async (batch: number, seed = 1) =>
      (await computeSmoothGrad(session, input, { ...options, batch, seed }))[0]!;
    const whole = await run(7);
    for (const batch of [1, 3]) expectClose((await run(batch)).mean, whole.mean);
    expect((await run(7, 2)).mean).not.toEqual(whole.mean);
    session.dispose();
  });

  test.each([
    ['no samples', { samples: 0 }],
    ['negative noise', { noise: -1 }],
    ['noise without end', { noise: Infinity }],
  ])('refuses %s', async (_, options) => {
    const session = await openModel(toyModel());
    const work = computeSmoothGrad(session, toyImage, { seeds: [logit], ...options });
    await expect(work).rejects.toMatchObject({ kind: 'argument' });
    session.dispose();
  });
});

describe('noise', () => {
  test('is that of NumPy for the same generator', async () => {
    const { expected, input, session } = await openTinyNet('flat', 'cpu');
    session.dispose();
    const copy = new Float32Array(input.data.length);
    createNoisyInputs(input, expected.smoothGrad.options)(copy);
    const stored = decodeArray(expected.smoothGrad.first);
    // Logarithms and cosines of two libraries, then one rounding to float32.
    expectClose({ shape: stored.shape, data: copy }, stored, 1e-7);
  });

  test('is normal: mean 0, variance 1, a fourth moment of 3', () => {
    const next = createGaussian(3);
    const count = 20000;
    const values = Array.from({ length: count }, next);
    const moment = (power: number): number =>
      values.reduce((sum, value) => sum + value ** power, 0) / count;
    // Five standard errors: sqrt(1 / n), sqrt(2 / n) and sqrt(96 / n).
    expect(Math.abs(moment(1))).toBeLessThan(5 * Math.sqrt(1 / count));
    expect(Math.abs(moment(2) - 1)).toBeLessThan(5 * Math.sqrt(2 / count));
    expect(Math.abs(moment(4) - 3)).toBeLessThan(5 * Math.sqrt(96 / count));
  });

  test('of an input of one value is none: it has no range', () => {
    const grey = { shape: [1, 1, 2, 1], data: Float32Array.of(4, 4) };
    const copy = new Float32Array(2);
    createNoisyInputs(grey)(copy);
    expect([...copy]).toEqual([4, 4]);
  });
});
