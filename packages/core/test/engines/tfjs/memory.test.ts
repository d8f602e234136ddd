import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../../../src/engines/port/engine.ts';
import { explain } from '../../../src/explain/explain.ts';
import { methods } from '../../../src/methods/registry.ts';
import { loadModel, type Model } from '../../../src/model/model.ts';
import { readNetwork } from '../../../src/readers/layers-model/read-network.ts';
import { createEngine, tfjsBackends } from '../../helper/engines.ts';
import { filesOf } from '../../helper/model-files.ts';
import { drawInput, plainNet, residualNet } from '../../helper/small-nets.ts';

const picture = {
  width: 9,
  height: 11,
  channels: 3,
  data: Uint8Array.from({ length: 9 * 11 * 3 }, (_, i) => (i * 37) % 256),
} as const;

function sumOfLogits({ logits }: { readonly logits: Float64Array }): number {
  return logits.reduce((sum, logit) => sum + logit, 0);
}

describe.each(tfjsBackends)('no tensor is left behind on %s', (backend) => {
  let engine: Engine;
  let model: Model;
  beforeAll(async () => {
    engine = await createEngine(backend);
    model = await loadModel(filesOf(residualNet()), { engine });
    return () => model.dispose();
  });

  /** Runs it, whether it throws or not, and expects as many tensors as before. */
  async function leavesNothing(work: () => Promise<unknown>): Promise<unknown> {
    const before = tf.memory();
    const error = await work().then(
      () => null,
      (reason: unknown) => reason,
    );
    const after = tf.memory();
    expect([after.numTensors, after.numDataBuffers]).toEqual([
      before.numTensors,
      before.numDataBuffers,
    ]);
    return error;
  }

  const image = drawInput(readNetwork(residualNet().topology, residualNet().specs), 3);
  const seed = { score: 'logit', of: { class: 1 } } as const;
  const gradient = {
    seeds: [seed, seed],
    wrt: ['image', 'relu1', 'sum3'],
    relu: 'guided',
  } as const;

  test('after weights that are not of their shape', async () => {
    const { topology, specs, weights } = residualNet();
    const [name, last] = [...weights].at(-1)!;
    const broken = new Map(weights).set(name, { shape: [...last.shape, 2], data: last.data });
    const error = await leavesNothing(() => engine.open(readNetwork(topology, specs), broken));
    expect(error).toBeInstanceOf(Error);
  });

  test('after explanations', async () => {
    const options = {
      methods: methods.map(({ name }) => name).filter((name) => name !== 'cam'),
      targets: ['top3', 'not:1'],
      layers: ['auto', 'relu1', 'conv1'],
      runs: 12,
    };
    expect(await leavesNothing(() => explain(model, picture, options))).toBeNull();
  }, 60_000);

  test('after a function of the scores, fused layers, and an error between runs', async () => {
    const broken = { name: 'broken', score: () => NaN };
    const sum = { name: 'sum', score: sumOfLogits };
    const options = { layers: ['relu1+conv1'], targets: [sum], methods: ['grad-cam', 'full-grad'] };
    expect(await leavesNothing(() => explain(model, picture, options))).toBeNull();
    const error = await leavesNothing(() => explain(model, picture, { targets: [broken] }));
    expect(error).toMatchObject({ kind: 'argument' });
  });

  test('after runs that give all layers and gradients', async () => {
    const outputs = model.network.nodes.map(({ name }) => name);
    const work = () => model.session.run({ inputs: { image }, outputs, gradient });
    expect(await leavesNothing(work)).toBeNull();
  });

  test('after a run that resumes in the middle', async () => {
    const { outputs } = await model.session.run({ inputs: { image }, outputs: ['sum3'] });
    const from = { layer: 'sum3', value: outputs.get('sum3')! };
    const work = () =>
      model.session.run({ from, outputs: ['last'], gradient: { ...gradient, wrt: ['sum3'] } });
    expect(await leavesNothing(work)).toBeNull();
  });

  test.each([
    ['a wrong shape', { inputs: { image: { ...image, shape: [1, 7, 9, 3] } }, outputs: [] }],
    ['too few values', { inputs: { image: { ...image, shape: [2, 9, 7, 3] } }, outputs: [] }],
    ['no input', { inputs: {}, outputs: [] }],
    ['an unknown output', { inputs: { image }, outputs: ['nowhere'] }],
    ['an unknown layer', { inputs: { image }, outputs: [], gradient: { ...gradient, wrt: ['x'] } }],
    [
      'an unknown class',
      {
        inputs: { image },
        outputs: ['sum3'],
        gradient: { ...gradient, seeds: [seed, { score: 'logit', of: { class: 9 } }] },
      },
    ],
    [
      'a seed of the wrong length',
      { inputs: { image }, outputs: [], gradient: { ...gradient, seeds: [new Float32Array(3)] } },
    ],
    [
      'an output before the start',
      {
        from: { layer: 'mean', value: { shape: [1, 4], data: new Float32Array(4) } },
        outputs: ['relu1'],
      },
    ],
    [
      'values that are not numbers',
      {
        inputs: { image: { ...image, data: image.data.map(() => NaN) } },
        outputs: ['sum3'],
        gradient,
      },
    ],
  ] as const)('after %s, which is an error of ours', async (_, request) => {
    const error = await leavesNothing(() => model.session.run(request));
    expect(error).toMatchObject({ name: 'GradcamError' });
  });

  test('after an abort', async () => {
    const controller = new AbortController();
    const error = await leavesNothing(() => {
      const running = explain(model, picture, { signal: controller.signal });
      controller.abort();
      return running;
    });
    expect(error).toMatchObject({ name: 'AbortError' });
  });

  test('after a model was loaded, used and disposed, twice too', async () => {
    const work = async (): Promise<void> => {
      const own = await loadModel(filesOf(plainNet()), { engine });
      await explain(own, picture, { layers: ['conv1'] });
      own.dispose();
      own.dispose();
      await expect(explain(own, picture)).rejects.toMatchObject({ kind: 'engine' });
    };
    expect(await leavesNothing(work)).toBeNull();
  });

  test('after a model whose weights are missing', async () => {
    const { topology, specs } = plainNet();
    const network = readNetwork(topology, specs);
    const error = await leavesNothing(() => engine.open(network, new Map()));
    expect(error).toMatchObject({
      kind: 'model',
      message: expect.stringContaining('conv1/kernel'),
    });
  });
});
