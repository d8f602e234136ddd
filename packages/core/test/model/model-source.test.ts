import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Engine } from '../../src/engines/port/engine.ts';
import { loadModel } from '../../src/model/model.ts';
import type { ModelSource } from '../../src/model/model-source.ts';
import { openModelUrl } from '../../src/model/model-url.ts';
import { openModelFolder } from '../../src/node/model-folder.ts';
import { createLayersEngine } from '../../src/engines/tfjs-layers/index.ts';
import { expectClose } from '../helper/closeness.ts';
import { decodeArray } from '../helper/fixture.ts';
import {
  layersFiles,
  layersInputs,
  readLayersExpectation,
  registerSoftGate,
} from '../helper/layers-fixture.ts';

/** As in `layers-nets.test.ts`. */
const WHOLE_NET = 2e-5;

let engine: Engine;
beforeAll(async () => {
  registerSoftGate();
  engine = await createLayersEngine({ backend: 'cpu' });
});

const expected = readLayersExpectation('gated');

/** Loads it and expects TensorFlow's logits of the fixture `gated`; returns the model's id. */
async function expectGated(source: ModelSource): Promise<string> {
  const before = tf.memory().numTensors;
  const model = await loadModel(source, { engine, inputRange: '-1..1' });
  const { logits } = await model.session.run({ inputs: layersInputs(expected), outputs: [] });
  expectClose(logits, decodeArray(expected.logits), WHOLE_NET);
  model.dispose();
  expect(tf.memory().numTensors).toBe(before);
  return model.id;
}

/** Files that were asked for with a query. */
const signed: string[] = [];

/** Serves the fixture's folder on this machine; answers 404 for what is not there. */
async function serveGated(): Promise<string> {
  const folder = openModelFolder(
    fileURLToPath(new URL('../fixtures/layers/gated', import.meta.url)),
  );
  const server = createServer((request, response) => {
    const { pathname, search } = new URL(request.url!, 'http://server');
    const file = pathname.replace('/nets/gated/', '').replace(/^signed-model\.json$/, 'model.json');
    const isAllowed = !pathname.includes('signed') || search === '?token=1';
    if (search === '?token=1') signed.push(file);
    folder.readFile(isAllowed ? file : 'refused').then(
      (bytes) => response.end(bytes),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/nets/gated`;
}

describe('what loadModel takes', () => {
  test.each(['', '/', '/model.json'])('a URL that ends in "%s"', async (end) => {
    expect(await expectGated((await serveGated()) + end)).toBe('gated');
  });

  test('a URL of a file with another name and a query, which goes with the weights too', async () => {
    const url = `${await serveGated()}/signed-model.json?token=1`;
    expect(await expectGated(url)).toBe('gated');
    // What is looked for beside a model has the query too, and may not be there.
    expect(signed).toEqual([
      'model.json',
      ...['gradcam.json', 'metadata.json', 'preprocessor_config.json', 'config.json', 'labels.txt'],
      'group1-shard1of1.bin',
    ]);
    // What it is called in messages is without the query.
    expect(openModelUrl(url).location).toBe(url.replace('?token=1', ''));
  });

  test('a URL that answers 404: one line that names it', async () => {
    const url = `${await serveGated()}/absent`;
    await expect(loadModel(url, { engine })).rejects.toThrow(/absent\/model.json.*answered 404/);
  });

  test('what is no URL: the way to open a folder', async () => {
    await expect(loadModel('models/mine', { engine })).rejects.toThrow(/openModelFolder/);
  });

  test('an IOHandler, here of tfjs itself', async () => {
    const files = layersFiles('gated');
    const json = JSON.parse(new TextDecoder().decode(await files.readFile('model.json'))) as {
      modelTopology: object;
      weightsManifest: { weights: tf.io.WeightsManifestEntry[] }[];
    };
    const bytes = await files.readFile('group1-shard1of1.bin');
    const handler = tf.io.fromMemory({
      modelTopology: json.modelTopology,
      weightSpecs: json.weightsManifest[0]!.weights,
      weightData: bytes.slice().buffer,
    });
    expect(await expectGated(handler as ModelSource)).toBe('gated');
  });
});

describe('a live LayersModel', () => {
  /** As tfjs-layers computes it. */
  async function expectAsItself(model: tfl.LayersModel, shape: readonly number[]): Promise<void> {
    const x = tf.randomUniform([2, ...shape], -1, 1, 'float32', 5);
    const y = model.predict(x) as tf.Tensor;
    const [data, own] = [(await x.data()) as Float32Array, (await y.data()) as Float32Array];
    const before = tf.memory().numTensors;
    const loaded = await loadModel(model, { engine });
    const { probabilities, logits } = loaded.network.heads[0]!;
    const [input] = loaded.network.inputs;
    const { outputs } = await loaded.session.run({
      inputs: { [input!]: { shape: x.shape, data } },
      outputs: [probabilities ?? logits],
    });
    expectClose(outputs.get(probabilities ?? logits), { shape: y.shape, data: own });
    loaded.dispose();
    // Borrowed: nothing left behind, and it still works.
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose([x, y, model.predict(tf.zeros([1, ...shape]))]);
  }

  const { layers } = tfl;

  test('a Sequential one with what tfjs gives no explicit names', async () => {
    const model = tfl.sequential({
      layers: [
        layers.conv2d({ inputShape: [8, 9, 3], filters: 4, kernelSize: 3, activation: 'relu' }),
        layers.batchNormalization(),
        layers.depthwiseConv2d({ kernelSize: 3, padding: 'same' }),
        layers.leakyReLU({ alpha: 0.1 }),
        layers.maxPooling2d({ poolSize: 2 }),
        layers.dropout({ rate: 0.5 }),
        layers.flatten(),
        layers.dense({ units: 5, activation: 'softmax' }),
      ],
    });
    await expectAsItself(model, [8, 9, 3]);
    model.dispose();
  });

  test('two models within one, whose layers have the same names, and a recurrent layer', async () => {
    const tower = (): tfl.LayersModel => {
      const x = tfl.input({ shape: [8, 8, 3] });
      const y = layers.conv2d({ name: 'conv', filters: 4, kernelSize: 3, strides: 2 }).apply(x);
      return tfl.model({ inputs: x, outputs: y as tfl.SymbolicTensor });
    };
    const image = tfl.input({ shape: [8, 8, 3] });
    const towers = [tower(), tower()].map((one) => one.apply(image) as tfl.SymbolicTensor);
    const joined = layers.concatenate().apply(towers) as tfl.SymbolicTensor;
    const steps = layers.reshape({ targetShape: [3, 24] }).apply(joined);
    const lstm = layers.lstm({ units: 6, recurrentInitializer: 'glorotNormal' });
    const both = layers.bidirectional({ layer: lstm as tfl.RNN, mergeMode: 'concat' });
    const scores = layers.dense({ units: 3 }).apply(both.apply(steps)) as tfl.SymbolicTensor;
    const model = tfl.model({ inputs: image, outputs: scores });
    await expectAsItself(model, [8, 8, 3]);
    model.dispose();
  });

  test.each(['nearest', 'bilinear'] as const)(
    'an UpSampling2D, %s, as tfjs-layers computes it, which for bilinear is not as Keras does',
    async (interpolation) => {
      const model = tfl.sequential({
        layers: [
          layers.conv2d({ inputShape: [6, 5, 3], filters: 3, kernelSize: 2, useBias: true }),
          layers.upSampling2d({ size: [2, 3], interpolation }),
          layers.conv2d({ filters: 2, kernelSize: 3, strides: 2, activation: 'relu' }),
          layers.flatten(),
          layers.dense({ units: 3 }),
        ],
      });
      await expectAsItself(model, [6, 5, 3]);
      model.dispose();
    },
  );
});
