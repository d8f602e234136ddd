import { beforeAll, describe, expect, test } from 'vitest';
import type { Engine, Session } from '../../../src/engines/port/engine.ts';
import { computeFullGrad, computeFullGradMap } from '../../../src/methods/multi-pass/full-grad.ts';
import type { GraphNode, Network } from '../../../src/network/network.ts';
import { readNetwork } from '../../../src/readers/layers-model/read-network.ts';
import { toyImage, toyInputGradients, toyModel, toyScore } from '../../golden/toy.ts';
import { array } from '../../helper/array.ts';
import { createEngine } from '../../helper/engines.ts';
import { functionalModel, input, layer, type TestModel } from '../../helper/keras-model.ts';
import { netNames, readNetFixture } from '../../helper/net-fixture.ts';
import { drawInput, plainNet, residualNet } from '../../helper/small-nets.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine('cpu');
});

async function withSession<T>(model: TestModel, use: (session: Session) => Promise<T>): Promise<T> {
  const session = await engine.open(readNetwork(model.topology, model.specs), model.weights);
  try {
    return await use(session);
  } finally {
    session.dispose();
  }
}

const seeds = [{ score: 'logit', of: { class: 0 } }] as const;

describe('the toy net by hand', () => {
  test('input term 54, bias term -50 * 3 + 75 * 2 = 0, score 54', () =>
    withSession(toyModel(), async (session) => {
      const [found] = await computeFullGrad(session, toyImage, { seeds });
      const plain = toyInputGradients.plain.flat();
      expect([...found!.inputTerm.data]).toEqual(plain.map((g, i) => g * i));
      expect(found!.biasTerms).toHaveLength(1);
      // Gradients at conv1, [0 1; 1 1] and [0 0; -1 -1], times -50 and -75.
      const { shape, data } = found!.biasTerms[0]!.values;
      // A negative zero is a zero.
      expect({ shape, data: data.map((value) => value + 0) }).toEqual(
        array([
          [
            [0, 0],
            [-50, 0],
          ],
          [
            [-50, 75],
            [-50, 75],
          ],
        ]),
      );
      expect(found).toMatchObject({ score: toyScore, completenessError: 0 });
    }));
});

test('constants that are added, subtracted or joined are biases', async () => {
  const plain = (name: string, op: object, inputs: string[], shape: number[], weights = {}) => ({
    ...{ name, op, inputs, shape, weights },
  });
  const nodes = [
    plain('input', { kind: 'input' }, [], [1, 2, 2]),
    plain('rows', { kind: 'reshape' }, ['input'], [2, 2]),
    plain('table', { kind: 'constant' }, [], [2, 1], { value: 'table' }),
    plain('class token', { kind: 'constant' }, [], [1, 2], { value: 'class token' }),
    plain('added', { kind: 'add' }, ['rows', 'table'], [2, 2]),
    plain('taken', { kind: 'subtract' }, ['added', 'class token'], [2, 2]),
    plain('joined', { kind: 'concatenate', axis: 0 }, ['class token', 'taken'], [3, 2]),
    plain('flat', { kind: 'reshape' }, ['joined'], [6]),
    plain('logits', { kind: 'dense' }, ['flat'], [1], { kernel: 'kernel' }),
  ] as unknown as GraphNode[];
  const head = {
    logits: 'logits',
    probabilities: null,
    activation: 'linear',
    shape: [1],
    classes: 1,
  };
  const network = {
    ...{ name: 'constants', nodes, inputs: ['input'], heads: [head], notes: [], layers: new Map() },
  } as unknown as Network;
  const session = await engine.open(
    network,
    new Map([
      ['table', { shape: [2, 1], data: Float32Array.of(10, 20) }],
      ['class token', { shape: [1, 2], data: Float32Array.of(3, 5) }],
      ['kernel', { shape: [6, 1], data: Float32Array.of(1, 2, 3, 4, 5, 6) }],
    ]),
  );
  const image = { shape: [1, 1, 2, 2], data: Float32Array.of(1, 2, 3, 4) };
  const [found] = await computeFullGrad(session, image, { seeds });
  const terms = new Map(found!.biasTerms.map(({ node, values }) => [node, [...values.data]]));
  expect(terms).toEqual(
    new Map([
      ['added', [30, 40, 100, 120]],
      ['taken', [-9, -20, -15, -30]],
      ['joined', [3, 10, 0, 0, 0, 0]],
    ]),
  );
  // 1·3 + 2·5 + 3·8 + 4·7 + 5·20 + 6·19
  expect(found).toMatchObject({ score: 279, completenessError: 0 });
  session.dispose();
});

test('the map: each term by the range of its magnitudes, enlarged, added up', () => {
  const inputTerm = array([
    [[-4], [2]],
    [[0], [1]],
  ]);
  // Magnitudes 1..3 in two channels: (|b| - 1) / 2, summed over channels.
  const spatial = array([[[1, -3]], [[2, -2]]]);
  const nowhere = [array([5, -7]), array([[[9, 1]]]), array([[[2], [2]]])];
  const { shape, data } = computeFullGradMap({ inputTerm, biasTerms: [spatial, ...nowhere] });
  expect(shape).toEqual([2, 2]);
  // |x dy/dx| / 4, and 0 + 1 in the upper row, 1/2 + 1/2 in the lower.
  expect([...data]).toEqual([1 + 1, 0.5 + 1, 0 + 1, 0.25 + 1]);
});

describe('completeness: all terms sum to the score', () => {
  /** Float32 sums of some thousand terms that cancel; a forgotten bias is off by a tenth at least. */
  const FLOAT32_TOTAL = 1e-4;

  const nets = { residual: residualNet(), plain: plainNet() };
  test.each(Object.entries(nets))(
    '%s: shortcuts, ReLU6, a leaky ReLU, pools, batch normalisation, depthwise and grouped layers',
    (_, model) =>
      withSession(model, async (session) => {
        const image = drawInput(session.network, 4);
        const all = [0, 1, 2].map((index) => ({ score: 'logit', of: { class: index } }) as const);
        for (const one of await computeFullGrad(session, image, { seeds: all })) {
          const size = one.biasTerms.reduce(
            (sum, { values }) => values.data.reduce((s, v) => s + Math.abs(v), sum),
            Math.abs(one.score),
          );
          expect(Math.abs(one.completenessError)).toBeLessThan(FLOAT32_TOTAL * size);
        }
      }),
  );

  test.each(
    netNames.filter((name) =>
      ['mobilenet-like', 'fused-sequential', 'nested-residual'].includes(name),
    ),
  )('%s, as Keras wrote it', async (name) => {
    const { network, weights, inputs } = await readNetFixture(name);
    const session = await engine.open(network, weights);
    const [found] = await computeFullGrad(session, inputs['image']!, { seeds });
    session.dispose();
    const size = found!.biasTerms.reduce(
      (sum, { values }) => values.data.reduce((s, v) => s + Math.abs(v), sum),
      0,
    );
    expect(Math.abs(found!.completenessError)).toBeLessThan(FLOAT32_TOTAL * size);
  });

  test('of a smooth activation says what is left out: tanh(x) - x / cosh(x)^2', () =>
    withSession(
      functionalModel([
        input('image', 1, 2, 1),
        layer('Activation', 'smooth', { activation: 'tanh' }),
        layer('Flatten', 'flat'),
        layer('Dense', 'sum', { units: 1, use_bias: false }, { kernel: array([[1], [1]]) }),
      ]),
      async (session) => {
        const image = { shape: [1, 1, 2, 1], data: Float32Array.of(0.5, -2) };
        const [found] = await computeFullGrad(session, image, { seeds });
        const left = [0.5, -2].map((x) => x / Math.cosh(x) ** 2 - Math.tanh(x));
        expect(found!.completenessError).toBeCloseTo(left[0]! + left[1]!, 6);
      },
    ));
});

test('a session that does not give its weights is refused with a way out', () =>
  withSession(toyModel(), async (session) => {
    const bare: Session = {
      network: session.network,
      run: (request) => session.run(request),
      dispose: () => undefined,
    };
    await expect(computeFullGrad(bare, toyImage, { seeds })).rejects.toMatchObject({
      kind: 'unsupported',
      message: expect.stringContaining('input-x-gradient'),
    });
  }));
