import { explain, prepareInput, type Engine, type Model, type RgbImage } from '@gradcam/core';
import { randomiseWeights, readAllWeights } from '@gradcam/core/evidence';
import { createTfjsEngine } from '@gradcam/core/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { examineMaps } from '../src/evidence/examine-maps.ts';
import { randomiseModel } from '../src/evidence/randomise-model.ts';
import { openTwoColoursModel, SIDE } from './helper/two-colours-model.ts';

let model: Model;
let engine: Engine;
beforeAll(async () => {
  model = await openTwoColoursModel();
  engine = await createTfjsEngine({ backend: 'cpu' });
});
afterAll(() => model.dispose());

const settings = { orders: 19, steps: 8, seed: 1 };

/** Left half red, right half blue. */
const image: RgbImage = {
  ...{ width: SIDE, height: SIDE },
  channels: 3,
  data: Uint8Array.from(
    Array.from({ length: SIDE * SIDE }, (_, i) =>
      i % SIDE < 2 ? [255, 0, 0] : [0, 0, 255],
    ).flat(),
  ),
};

/** Float32 scores of sixteen sums each. */
const DIGITS = 6;

/**
 * The area of the map that is positive on the red half, by hand. In eight steps of two pixels the mean of
 * red less blue falls from 0 by 1/16 for each red pixel to -1/2, and rises again with each blue one. The
 * other score is green, which is 0, so the probability is the logistic function of that mean.
 */
function areaByHand(): number {
  const points = [0, 2, 4, 6, 8, 6, 4, 2, 0].map((gone) => 1 / (1 + Math.exp(gone / 16)));
  const ends = (points[0]! + points[8]!) / 2;
  return (points.slice(1, 8).reduce((sum, point) => sum + point, 0) + ends) / 8;
}

test('a map that shows the red half of a net that looks for red is examined as by hand', async () => {
  const before = tf.memory().numTensors;
  const prepared = prepareInput(image, model.input);
  const { explanations } = await explain(model, prepared, {
    targets: ['1', '0'],
    layers: ['seen'],
  });
  const weights = await readAllWeights(model.session);
  const ratings = new Set<string>();
  for (const seed of [1, 2, 3, 4, 5]) {
    const randomised = await randomiseModel(model, engine, seed);
    const found: number[] = [];
    const [red, green] = await examineMaps({ model, randomised }, prepared, explanations, {
      settings: { ...settings, seed },
      onProgress: ({ done, total }) => void found.push(done / total),
    });
    randomised!.dispose();
    expect(red!.deletion).toBeCloseTo(areaByHand(), DIGITS);
    // No order of pixels is better than all red ones first.
    expect(red!.randomBaseline).toMatchObject({ asLow: 0, maps: 19 });
    expect(red!.randomBaseline!.least).toBeGreaterThan(red!.deletion!);
    // Class 1's map with noise: its weight for red on the left half, its weight for blue on the right half.
    const noise = randomiseWeights(weights, ['scores/kernel'], seed).get('scores/kernel')!.data;
    const [left, right] = [Math.max(0, noise[1]!), Math.max(0, noise[5]!)];
    const expected = left === right ? null : left > right ? 1 : -1;
    if (expected === null) expect(red!.randomised).toBeNull();
    else expect(red!.randomised).toBeCloseTo(expected, DIGITS);
    expect(red!.rating).toBe(expected === 1 ? 'doubtful' : 'supported');
    ratings.add(red!.rating);
    // Nothing is green.
    expect(green).toMatchObject({ rating: 'none', deletion: null });
    expect(green!.verdict).toBe('No verdict: the map is blank.');
    expect(found.at(-1)).toBeLessThanOrEqual(1);
  }
  expect([...ratings].sort()).toEqual(['doubtful', 'supported']);
  expect(tf.memory().numTensors).toBe(before);
});

test('weights that give scores which are not finite leave that question open', async () => {
  const prepared = prepareInput(image, model.input);
  const { explanations } = await explain(model, prepared, { targets: ['1'], layers: ['seen'] });
  const endless = new Map(await readAllWeights(model.session));
  const { shape, data } = endless.get('scores/kernel')!;
  endless.set('scores/kernel', { shape, data: data.map(() => Infinity) });
  const session = await engine.open(model.session.network, endless);
  const randomised = { ...model, session };
  const [found] = await examineMaps({ model, randomised }, prepared, explanations, { settings });
  session.dispose();
  expect(found!.deletion).toBeCloseTo(areaByHand(), DIGITS);
  expect(found).toMatchObject({ rating: 'supported', randomised: null });
  expect(found!.verdict).toContain('there is no map with noise as weights');
});

test('equal explanations are examined once, and the numbers depend on the seed alone', async () => {
  const prepared = prepareInput(image, model.input);
  const { explanations } = await explain(model, prepared, { targets: ['1'], layers: ['seen'] });
  let curves = 0;
  const examine = (seed: number) =>
    examineMaps({ model, randomised: null }, prepared, [...explanations, ...explanations], {
      settings: { ...settings, seed },
      onProgress: () => (curves += 1),
    });
  const [first, second] = await examine(1);
  expect(curves).toBe(20);
  expect(second).toEqual(first);
  expect((await examine(1))[0]).toEqual(first);
  expect((await examine(1000))[0]!.randomBaseline).not.toEqual(first!.randomBaseline);
  expect(first!.verdict).toContain('there is no map with noise as weights');
});
