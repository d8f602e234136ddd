import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Session } from '../../src/engines/port/engine.ts';
import {
  blocksInTurn,
  blurLikeRise,
  bootstrapMean,
  compareMaps,
  findEvidencePreset,
  gaussianNoise,
  measureComplexity,
  measureDeletion,
  measureInfidelity,
  measureInsertion,
  measureMaskedImage,
  measureRoad,
  measureSensitivity,
  measureSparseness,
  randomSquares,
  uniformNoise,
  type CurveMeasurement,
  type EvidenceSubject,
} from '../../src/evidence/index.ts';
import { createRandom } from '../../src/base/random.ts';
import { createPredict, forwardPassOf } from '../../src/methods/passes/forward-pass.ts';
import { gradientsAt } from '../../src/methods/passes/seed-gradients.ts';
import { decodeArray } from '../helper/fixture.ts';
import { expectClose } from '../helper/closeness.ts';
import { cases, fixture, openEvidenceNet } from './evidence-net.ts';

/** Scores of a float32 net of some hundred terms, against float64. */
const SCORES = 1e-5;

/** Sums over an image of float32 values, in float64 on both sides: the values' own rounding. */
const SUMS = 1e-6;

const { xplique, torchcam } = {
  xplique: findEvidencePreset('xplique'),
  torchcam: findEvidencePreset('torchcam'),
};

/** RISE's preset is for inputs of 224 pixels; its step is one row of pixels. */
const rise = findEvidencePreset('rise');
const row = { pixelsPerStep: 12 };

describe.each(['cpu', 'onnx'] as const)('as NumPy has it, on %s', (engine) => {
  let session: Session;
  beforeAll(async () => {
    session = await openEvidenceNet(engine);
  });
  afterAll(() => session.dispose());

  const subjectOf = (
    one: (typeof cases)[number],
    score: 'logit' | 'probability',
  ): EvidenceSubject => ({
    predict: createPredict(forwardPassOf(session), [{ score, of: { class: one.class } }]),
    input: one.input,
    map: one.map,
    scoreName: score,
  });

  describe.each(['logit', 'probability'] as const)('%s', (score) => {
    test.each(cases)('deletion and insertion of the $kind map', async (one) => {
      const subject = subjectOf(one, score);
      const expected = one[score];
      const check = (
        found: CurveMeasurement,
        { value, counts, scores }: (typeof expected)['rise']['deletion'],
      ): void => {
        expect(found.shares.map((share) => Math.round(share * 192))).toEqual(counts);
        expectNear(found.scores, scores, SCORES);
        expectNear([found.value], [value], SCORES);
      };
      const deleteLike = (options: object) => measureDeletion(subject, { ...options, batch: 5 });
      const insertLike = (options: object) => measureInsertion(subject, { ...options, batch: 5 });
      check(await deleteLike({ ...rise.deletion, ...row }), expected.rise.deletion);
      check(await insertLike({ ...rise.insertion, ...row }), expected.rise.insertion);
      check(await deleteLike({ ...xplique.deletion }), expected.xplique.deletion);
      check(await insertLike({ ...xplique.insertion }), expected.xplique.insertion);
      check(await deleteLike({ ...xplique.deletion, most: 0.5 }), expected.xplique.deletionHalf);
      check(await deleteLike({ ...torchcam.deletion }), expected.torchcam.deletion);
      check(await insertLike({ ...torchcam.insertion }), expected.torchcam.insertion);
      const toMean = { ...torchcam.deletion, steps: 7, replacement: 'mean' };
      check(await deleteLike(toMean), expected.torchcam.deletionToMean);
    });

    test.each(cases)('ROAD of the $kind map', async (one) => {
      const expected = one[score].road;
      const found = await measureRoad(subjectOf(one, score), { noise: 0 });
      expectNear(found.mostRelevant, expected.mostRelevant, SCORES);
      expectNear(found.leastRelevant, expected.leastRelevant, SCORES);
      // Where the threshold of a percentile leaves as many pixels, they are the same ones.
      const shared = expected.byPercentile.flatMap((value, i) =>
        value === null ? [] : [[found.mostRelevant[i]!, value] as const],
      );
      expect(shared.length).toBeGreaterThan(one.kind === 'half zero' ? 0 : 3);
      for (const [own, peer] of shared) expectNear([own], [peer], SCORES);
    });

    test.each(cases)('drop, increase and gain of the $kind map', async (one) => {
      const expected = one[score].masked;
      for (const mask of ['positive', 'magnitude'] as const) {
        const asShare = await measureMaskedImage(subjectOf(one, score), { mask });
        const asDifference = await measureMaskedImage(subjectOf(one, score), {
          mask,
          drop: 'difference',
        });
        const { maskedScore, share, difference, increase, gain } = expected[mask];
        expectNear([asShare.score], [expected.score], SCORES);
        expectNear([asShare.maskedScore], [maskedScore], SCORES);
        if (expected.score > 0) expectNear([asShare.drop.value!], [share], 3 * SCORES);
        else expect(asShare.drop.value).toBeNull();
        expectNear([asDifference.drop.value!], [difference], SCORES);
        expect(asShare.increase.value).toBe(increase);
        if (expected.score <= 1) expectNear([asShare.gain.value!], [gain], 3 * SCORES);
        else expect(asShare.gain.value).toBeNull();
      }
    });

    test.each(cases)('infidelity of the $kind map', async (one) => {
      const subject = subjectOf(one, score);
      const measure = async (options: object): Promise<number> =>
        (await measureInfidelity(subject, { scaled: false, ...options })).value!;
      const { blocks, blocksScaled, noise, noiseScaled, squares } = one[score].infidelity;
      const inTurn = { perturbation: blocksInTurn(5), samples: 12 };
      const noisy = {
        perturbation: gaussianNoise(0.1),
        ...{ samples: 6, seed: 4, attribution: 'gradient' },
      };
      const some = { perturbation: randomSquares(4, 0.25), samples: 9, seed: 8 };
      expectNear([await measure(inTurn)], [blocks], SCORES);
      expectNear([await measure({ ...inTurn, scaled: true })], [blocksScaled], SCORES);
      expectNear([await measure(noisy)], [noise], SCORES);
      expectNear([await measure({ ...noisy, scaled: true })], [noiseScaled], SCORES);
      expectNear([await measure(some)], [squares], SCORES);
    });
  });

  test.each(cases)('sensitivity of the gradient, $kind', async (one) => {
    const seeds = [{ score: 'logit', of: { class: one.class } }] as const;
    const found = await measureSensitivity(
      async (image) => (await gradientsAt(session, 'image', image, seeds))[0]!,
      one.input,
      { perturbation: uniformNoise(0.05), samples: 5, seed: 6 },
    );
    expectNear([found.value!], [one.sensitivity], SCORES);
  });

  test('no metric keeps a tensor, also after a throw', async () => {
    const [one] = cases;
    const subject = subjectOf(one!, 'logit');
    const before = tf.memory().numTensors;
    await measureDeletion(subject);
    await measureRoad(subject, { removed: [0.5] });
    const failing = {
      ...subject,
      async predict(inputs: Parameters<typeof subject.predict>[0]) {
        const found = await subject.predict(inputs);
        return { ...found, data: found.data.fill(NaN) };
      },
    };
    await expect(measureDeletion(failing)).rejects.toThrow('score 0 of input 0 is NaN');
    expect(tf.memory().numTensors).toBe(before);
  });
});

test.each(cases)('sparseness and complexity of the $kind map', (one) => {
  expectNear([measureSparseness(one.map).value!], [one.sparseness], SUMS);
  expectNear([measureComplexity(one.map).value!], [one.complexity], SUMS);
});

test('Spearman as SciPy, SSIM as TensorFlow', () => {
  const pairs = [
    [0, 1],
    [0, 2],
    [1, 2],
  ] as const;
  for (const [i, [a, b]] of pairs.entries()) {
    const { spearman, ssim } = compareMaps(cases[a]!.map, cases[b]!.map);
    expectNear([spearman.value!], [fixture.similarity[i]!.spearman], SUMS);
    // TensorFlow computes it in float32.
    expectNear([ssim.value!], [fixture.similarity[i]!.ssim], SCORES);
  }
});

test("RISE's blur as SciPy makes its kernel", () => {
  const { values, seed } = fixture.blur;
  const random = createRandom(seed);
  const data = Float32Array.from({ length: 16 * 12 * 2 }, () => 2 * random() - 1);
  const { data: found } = blurLikeRise({ shape: [1, 16, 12, 2], data });
  expectClose({ shape: [16, 12, 2], data: found }, decodeArray(values), SUMS);
});

test('bootstrap intervals as NumPy has them from the same draws', () => {
  const { values, options, mean, low, high } = fixture.bootstrap;
  const found = bootstrapMean(values, options)!;
  expectNear([found.mean, found.low, found.high], [mean, low, high], 1e-8);
});

function expectNear(
  found: readonly number[],
  expected: readonly number[],
  tolerance: number,
): void {
  expect(found.length).toBe(expected.length);
  const scale = Math.max(1, ...expected.map(Math.abs));
  found.forEach((value, i) =>
    expect(Math.abs(value - expected[i]!) / scale).toBeLessThanOrEqual(tolerance),
  );
}
