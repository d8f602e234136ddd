import { describe, expect, test } from 'vitest';
import type { Session } from '../../../src/engines/port/engine.ts';
import {
  computeAblationCam,
  type AblationCam,
} from '../../../src/methods/multi-pass/ablation-cam.ts';
import { openModel, openTinyNet, tinyHeads } from '../passes/tiny-net.ts';
import { toyImage, toyModel, toyScore } from '../../golden/toy.ts';
import { array } from '../../helper/array.ts';
import { camScale, expectClose } from '../../helper/closeness.ts';
import { engineNames } from '../../helper/engines.ts';
import { decodeArray, type StoredArray } from '../../helper/fixture.ts';
import { functionalModel, input, layer, type TestModel } from '../../helper/keras-model.ts';
import { drawInput, plainNet, residualNet } from '../../helper/small-nets.ts';

/**
 * A weight is the difference of two logits over their size: their rounding, some 1e-6 of about 3,
 * over a score that is not below .1 in the oracle's nets.
 */
const WEIGHTS = 3e-5;

const logit = { score: 'logit', of: { class: 0 } } as const;

/** As the toy net is in PyTorch's tests: no score below zero. */
function toyWithScoreRelu(): TestModel {
  const { weights } = toyModel();
  const named = (name: string, ...suffixes: string[]) =>
    Object.fromEntries(suffixes.map((suffix) => [suffix, weights.get(`${name}/${suffix}`)!]));
  const conv = named('conv1', 'kernel', 'bias');
  return functionalModel([
    input('image', 4, 4, 1),
    layer('Conv2D', 'conv1', { filters: 2, kernel_size: [3, 3] }, conv),
    layer('ReLU', 'relu1'),
    layer('Flatten', 'flat'),
    layer('Dense', 'fc1', { units: 1, use_bias: false }, named('fc1', 'kernel')),
    layer('ReLU', 'relu2'),
  ]);
}

type Stored = Readonly<Record<'weights' | 'map', StoredArray>> & { readonly score: number };

describe.each(engineNames)('Ablation-CAM on %s', (engine) => {
  test('of the toy net: (54 - 0) / 54 and (54 - 75) / 54 by hand', async () => {
    const session = await openModel(toyModel(), engine);
    const options = { layer: 'relu1', seeds: [logit] };
    const found = await computeAblationCam(session, toyImage, options);
    session.dispose();
    expect(found.closedForm).toBe(false);
    expect([...found.scores]).toEqual([toyScore]);
    // Without channel 0 the score is -21 and not 0: this net has no ReLU behind its last layer.
    expectClose({ shape: [2], data: found.weights[0]! }, array([75 / 54, -21 / 54]));
  });

  test('of the toy net with a ReLU over its score: weights 1 and -21/54 as NumPy', async () => {
    const session = await openModel(toyWithScoreRelu(), engine);
    const options = { layer: 'relu1', seeds: [logit] };
    const found = await computeAblationCam(session, toyImage, options);
    session.dispose();
    expectClose({ shape: [2], data: found.weights[0]! }, array([1, -0.3888888888888889]));
    const map = array([
      [0, 4],
      [28.666666666666668, 34.166666666666664],
    ]);
    expectClose(found.maps[0], map);
  });

  test.each(tinyHeads)('of the net with head %s, as NumPy', async (head) => {
    const { expected, input: image, seeds, session } = await openTinyNet(head, engine);
    const stored = expected.ablationCam;
    const [first] = expected.classes;
    const options = { layer: 'relu', seeds };
    const found = await computeAblationCam(session, image, options);
    expect(found.closedForm).toBe(head === 'mean');
    stored.logit.forEach((own, s) => checkSeed(found, s, own));
    const replayed = await computeAblationCam(session, image, { ...options, tail: 'replay' });
    expect(replayed.closedForm).toBe(false);
    stored.logit.forEach((own, s) => checkSeed(replayed, s, own));

    const not = [{ score: 'logit', of: { not: first } }] as const;
    checkSeed(
      await computeAblationCam(session, image, { layer: 'relu', seeds: not }),
      0,
      stored.not,
    );
    const probability = [{ score: 'probability', of: { class: first } }] as const;
    const bySoftmax = await computeAblationCam(session, image, {
      layer: 'relu',
      seeds: probability,
    });
    expect(bySoftmax.closedForm).toBe(false);
    checkSeed(bySoftmax, 0, stored.probability);
    session.dispose();
  });
});

function checkSeed(found: AblationCam, seed: number, stored: Stored): void {
  const wanted = decodeArray(stored.weights);
  expect(found.scores[seed]).toBeCloseTo(stored.score, 5);
  expectClose({ shape: [4], data: found.weights[seed]! }, wanted, WEIGHTS);
  const scale = camScale(found.activations, (_, k) => wanted.data[k]!);
  expectClose(found.maps[seed], decodeArray(stored.map), WEIGHTS, scale);
}

describe('Ablation-CAM', () => {
  test('by the closed form equals the replay behind a mean and a linear layer', async () => {
    const model = residualNet();
    const session = await openModel(model);
    const image = drawInput(session.network, 6);
    const seeds = [0, 1, 2, 3].map((index) => ({ score: 'logit', of: { class: index } }) as const);
    const layer = session.network.layers.get('last')!;
    const closed = await computeAblationCam(session, image, { layer, seeds });
    const replayed = await computeAblationCam(session, image, { layer, seeds, tail: 'replay' });
    session.dispose();
    expect([closed.closedForm, replayed.closedForm]).toEqual([true, false]);
    closed.maps.forEach((map, s) => {
      const scale = camScale(closed.activations, (_, k) => closed.weights[s]![k]!);
      expectClose(replayed.maps[s], map, WEIGHTS, scale);
    });
  });

  test('does not depend on the batch, and runs nothing for channels that are zero', async () => {
    const session = await openModel(plainNet());
    const image = drawInput(session.network, 8);
    const layer = session.network.layers.get('conv1')!;
    const values: number[] = [];
    const counting: Session = {
      network: session.network,
      run: (request) => {
        values.push(request.from?.value.shape[0] ?? 0);
        return session.run(request);
      },
      dispose: () => session.dispose(),
    };
    const run = (batch: number) =>
      computeAblationCam(counting, image, { layer, seeds: [logit], batch });
    const whole = await run(100);
    const single = await run(1);
    session.dispose();
    expectClose(single.maps[0], whole.maps[0]!, WEIGHTS);
    const { activations } = whole;
    const alive = [0, 1, 2, 3].filter((k) => activations.data.some((v, i) => i % 4 === k && v > 0));
    expect(values).toEqual([0, alive.length, 0, ...alive.map(() => 1)]);
  });

  test('says where to go where a session takes either inputs or a layer', async () => {
    const session = await openModel(residualNet());
    const image = drawInput(session.network, 6);
    const layer = session.network.layers.get('conv2')!;
    const either: Session = {
      network: session.network,
      dispose: () => session.dispose(),
      run: ({ inputs, ...request }) =>
        session.run(request.from === undefined ? { ...request, inputs: inputs! } : request),
    };
    const work = computeAblationCam(either, image, { layer, seeds: [logit] });
    await expect(work).rejects.toMatchObject({
      kind: 'unsupported',
      message: expect.stringContaining('choose the layer where the paths join'),
    });
    session.dispose();
  });

  test('gives the inputs too where a shortcut passes by, to a session that takes both', async () => {
    const real = await openModel(residualNet());
    const { network } = real;
    real.dispose();
    const image = drawInput(network, 6);
    const at = network.layers.get('conv2')!;
    const value = { shape: [1, 1, 1, 2], data: Float32Array.of(3, 5) };
    const sumOf = (numbers: Float32Array): number => numbers.reduce((a, b) => a + b, 0);
    // The score is what the layer holds, and 8 from the path beside it where the input is whole.
    const additive: Session = {
      network,
      dispose: () => {},
      async run({ inputs, from }) {
        const given = from?.value ?? value;
        const images = inputs!['image']!;
        const count = given.shape[0]!;
        expect(images.shape).toEqual([count, ...image.shape.slice(1)]);
        const logits = Float32Array.from({ length: 4 * count }, (_, i) => {
          const item = Math.floor(i / 4);
          const own = images.data.subarray(item * image.data.length);
          const beside = sumOf(own.slice(0, image.data.length)) === sumOf(image.data) ? 8 : NaN;
          return sumOf(given.data.slice(item * 2, item * 2 + 2)) + beside;
        });
        return {
          logits: { shape: [count, 4], data: logits },
          outputs: new Map([[at, value]]),
          gradients: [],
          seeds: [],
        };
      },
    };
    const found = await computeAblationCam(additive, image, { layer: at, seeds: [logit] });
    expect([...found.scores]).toEqual([16]);
    expect([...found.weights[0]!]).toEqual([3 / 16, 5 / 16]);
  });

  test('of a score of zero leaves the drops undivided', async () => {
    const session = await openModel(toyModel());
    const dark = { shape: [1, 4, 4, 1], data: new Float32Array(16) };
    const found = await computeAblationCam(session, dark, { layer: 'conv1', seeds: [logit] });
    session.dispose();
    expect([...found.scores]).toEqual([0]);
    expect([...found.weights[0]!]).toEqual([0, 0]);
  });
});
