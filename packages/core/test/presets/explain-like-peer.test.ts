import { beforeAll, describe, expect, test } from 'vitest';
import type { NdArray } from '../../src/base/nd-array.ts';
import type { Seed } from '../../src/engines/port/seed.ts';
import { runModel } from '../../src/explain/run-model.ts';
import { findMethod } from '../../src/methods/registry.ts';
import { loadModel, type Model } from '../../src/model/model.ts';
import { explainLikePeer } from '../../src/presets/explain-like-peer.ts';
import { findPreset } from '../../src/presets/presets.ts';
import { createTfjsEngine } from '../../src/engines/tfjs/index.ts';
import { array } from '../helper/array.ts';
import { functionalModel, input, layer } from '../helper/keras-model.ts';
import { filesOf } from '../helper/model-files.ts';

/** Two cells 3 and 1, from the first channel; hidden 3 - 0.5 = 2.5 and 3 + 1 = 4; logits 2.5 - 4 = -1.5 and 0. */
const net = functionalModel([
  input('image', 1, 2, 3),
  layer(
    'Conv2D',
    'conv',
    { filters: 1, kernel_size: [1, 1], use_bias: false },
    {
      kernel: array([[[[1], [0], [0]]]]),
    },
  ),
  layer('ReLU', 'tap'),
  layer('Flatten', 'flat'),
  layer(
    'Dense',
    'hidden',
    { units: 2, use_bias: false },
    {
      kernel: array([
        [1, 1],
        [-0.5, 1],
      ]),
    },
  ),
  layer('ReLU', 'hidden/relu'),
  layer(
    'Dense',
    'logits',
    { units: 2, use_bias: false },
    {
      kernel: array([
        [1, 0],
        [-1, 0],
      ]),
    },
  ),
  layer('Activation', 'predictions', { activation: 'softmax' }),
]);

/** An input of one row is taken for a picture only where the model says that it is one. */
const onePixelHigh = {
  schema: 1,
  id: 'by-hand',
  architecture: 'by-hand',
  source: { uri: 'by-hand', format: 'tf-checkpoint-v1', sha256: 'ab' },
  shards: {},
  input: {
    height: 1,
    width: 2,
    channelOrder: 'rgb',
    scale: 1 / 255,
    mean: [0, 0, 0],
    std: [1, 1, 1],
    fit: 'squash',
    cropFraction: 1,
    resize: 'bilinear-antialias',
    pad: [0, 0, 0],
  },
  logits: 'logits',
  endpoints: { tap: 'tap' },
  defaultEndpoint: 'tap',
  labels: [],
  wnids: [],
};

const values = array([
  [
    [
      [3, 9, 9],
      [1, 9, 9],
    ],
  ],
]);
const probability = 1 / (1 + Math.exp(1.5));

describe('runs like a peer’s, by hand', () => {
  let model: Model;
  beforeAll(async () => {
    const engine = await createTfjsEngine({ backend: 'cpu' });
    model = await loadModel(filesOf(net, onePixelHigh), { engine, inputRange: '0..1' });
    return () => model.dispose();
  });

  async function rawLike(
    preset: string,
    method: string,
    of: Seed['of'] = { class: 0 },
    nodes: readonly string[] = ['tap'],
  ) {
    const plan = {
      seeds: [{ score: 'logit', of } as const],
      nodes,
      methods: [findMethod(method)],
    };
    const { session } = model;
    const shared = await runModel(session, values, plan);
    const sharedFor = (input: NdArray) => runModel(session, input, plan);
    const context = { ...plan, session, input: values, shared, sharedFor };
    const findMap = await explainLikePeer({ ...context, preset: findPreset(preset) });
    const { raw } = findMap(0, plan.methods[0]!, nodes);
    // Of three channels the net looks at the first.
    const step = raw.shape[2] ?? 1;
    return [...raw.data].filter((_, i) => i % step === 0);
  }

  function expectClose(found: readonly number[], expected: readonly number[]): void {
    expect(found).toHaveLength(expected.length);
    expected.forEach((value, i) => expect(found[i]).toBeCloseTo(value, 5));
  }

  test('a logit through plain ReLUs: gradients 1 - 1 and -0.5 - 1, weight -0.75', async () => {
    expectClose(await rawLike('captum', 'grad-cam'), [-2.25, -0.75]);
  });

  test('a probability: the same times p (1 - p)', async () => {
    const factor = probability * (1 - probability);
    expectClose(await rawLike('tf-keras-vis', 'grad-cam'), [-2.25 * factor, -0.75 * factor]);
  });

  test('guided ReLUs in the tail: the second hidden unit is cut, gradients 1 and -0.5', async () => {
    expectClose(await rawLike('insikk', 'grad-cam'), [0.75, 0.25]);
    expectClose(await rawLike('insikk', 'grad-cam', { rank: 1 }), [0.75, 0.25]);
  });

  test('the loss to the input, guided: only the unit that speaks against the class is left', async () => {
    const expected = [1 - probability, 1 - probability];
    expectClose(await rawLike('insikk', 'guided-backprop'), expected);
    expectClose(await rawLike('insikk', 'guided-backprop', { rank: 1 }), expected);
    // Of the counterfactual the loss is negative: the other unit, 1 and -0.5, cut at the tap.
    expectClose(await rawLike('insikk', 'guided-backprop', { not: 0 }), [1 - probability, 0]);
    // Why 1 rather than 0: the logarithms' difference is that of the logits, negated.
    expectClose(await rawLike('insikk', 'guided-backprop', { contrast: [1, 0] }), [1, 0]);
  });

  test('a peer’s formula takes a peer’s gradients: torchcam’s is the cube of what is positive', async () => {
    // Of not:0 the gradients are 0 and 1.5.
    const weight = 1.5 ** 3;
    expectClose(await rawLike('torchcam', 'grad-cam-plus-plus', { not: 0 }), [3 * weight, weight]);
  });

  test('guided modules are cut; tf-keras-vis passes layers ReLU through', async () => {
    expectClose(await rawLike('pytorch-grad-cam', 'guided-backprop'), [1, 0]);
    // 1 - 1 and -0.5 - 1, as without a policy.
    expectClose(await rawLike('tf-keras-vis:logits', 'guided-backprop'), [0, -1.5]);
  });

  test('tf-keras-vis with linear outputs: the logit', async () => {
    expectClose(await rawLike('tf-keras-vis:logits', 'grad-cam'), [-2.25, -0.75]);
  });

  test('aug-smooth: mirrored maps are turned back before the mean', async () => {
    // Of not:0 the map is 2.25 and 0.75. Mirrored, the first hidden unit is off: 1 and 3, turned back 3 and 1.
    // Each is shown as 1 and 0.
    expectClose(await rawLike('pytorch-grad-cam:aug-smooth', 'grad-cam', { not: 0 }), [1, 0]);
  });

  test('eigen-smooth: one channel less its mean, of either sign', async () => {
    const found = await rawLike('pytorch-grad-cam:eigen-smooth', 'grad-cam', { not: 0 });
    expectClose(found.map(Math.abs), [0.75, 0.75]);
    expect(found[0]! * found[1]!).toBeLessThan(0);
  });

  test('several layers of pytorch-grad-cam: the mean of their maps in 0..1', async () => {
    const found = await rawLike('pytorch-grad-cam', 'grad-cam', { not: 0 }, ['tap', 'conv']);
    expectClose(found, [1, 0]);
  });

  test('Ablation-CAM of pytorch-grad-cam: silenced, both scores are 0, and -1.5 / -1.5 is 1', async () => {
    expectClose(await rawLike('pytorch-grad-cam', 'ablation-cam'), [3, 1]);
  });

  test('stops when it is aborted', async () => {
    const plan = {
      seeds: [{ score: 'logit', of: { class: 0 } } as const],
      nodes: ['tap'],
      methods: [findMethod('grad-cam')],
    };
    const { session } = model;
    const shared = await runModel(session, values, plan);
    const preset = findPreset('insikk');
    const signal = AbortSignal.abort(new Error('enough'));
    const sharedFor = (input: NdArray) => runModel(session, input, plan);
    const context = { ...plan, session, input: values, shared, sharedFor, signal };
    await expect(explainLikePeer({ ...context, preset })).rejects.toThrow('enough');
  });
});
