import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import type { NdArray } from '../../../src/base/nd-array.ts';
import type { Engine } from '../../../src/engines/port/engine.ts';
import { explain } from '../../../src/explain/explain.ts';
import { createGraphModelEngine } from '../../../src/engines/graph-model/index.ts';
import type { Method } from '../../../src/methods/method.ts';
import { methods } from '../../../src/methods/registry.ts';
import { reportCapabilities } from '../../../src/model/capabilities.ts';
import { modelFilesInMemory } from '../../../src/readers/model-files.ts';
import { loadModel } from '../../../src/model/model.ts';
import { listTaps } from '../../../src/network/taps.ts';
import { openModelFolder } from '../../../src/node/model-folder.ts';
import { createTfjsEngine } from '../../../src/engines/tfjs/index.ts';
import { expectClose } from '../../helper/closeness.ts';
import { decodeArray, readFixture, type StoredArray } from '../../helper/fixture.ts';

interface GraphExpectation {
  readonly inputs: StoredArray;
  readonly class: number;
  readonly logits: StoredArray;
  readonly values: Readonly<Record<string, StoredArray>>;
  readonly ablation: {
    readonly layer: string;
    readonly weights: StoredArray;
    readonly map: StoredArray;
    readonly scale: number;
  };
}

/** Float32 through two convolutions against float64. */
const TWO_CONVOLUTIONS = 5e-6;

const expected = readFixture<GraphExpectation>('graph/residual/expected.json');
const folder = fileURLToPath(new URL('../../fixtures/graph/residual', import.meta.url));
const inputs = decodeArray(expected.inputs);

/** The first of the oracle's two images, as the picture that it was made of. */
function picture() {
  const [, height, width] = inputs.shape as [number, number, number];
  const one = inputs.data.subarray(0, height * width * 3);
  const data = Uint8Array.from(one, (value) => Math.round((value + 1) * 127.5));
  return { width, height, channels: 3, data } as const;
}

interface GraphJson {
  readonly modelTopology: { node: object[] };
  readonly weightsManifest: { weights: object[] }[];
}

/**
 * The net with an op between its last two layers that the op set does not have: the remainder of a number that is
 * larger than all values, which changes none.
 */
async function filesWithUnknownOp() {
  const files = openModelFolder(folder);
  const text = new TextDecoder().decode(await files.readFile('model.json'));
  const json = JSON.parse(text) as GraphJson;
  const nodes = json.modelTopology.node as { name: string; op: string; input?: string[] }[];
  const mean = nodes.find(({ name }) => name === 'net/mean/Mean')!;
  mean.input![0] = 'net/unknown';
  const attr = { dtype: { type: 'DT_FLOAT' } };
  json.modelTopology.node.push(
    { name: 'net/large', op: 'Const', attr },
    { name: 'net/unknown', op: 'FloorMod', input: ['net/join/Relu', 'net/large'], attr: {} },
  );
  json.weightsManifest[0]!.weights.push({ name: 'net/large', shape: [], dtype: 'float32' });
  const shard = await files.readFile('group1-shard1of1.bin');
  const longer = new Uint8Array(shard.length + 4);
  longer.set(shard);
  longer.set(new Uint8Array(Float32Array.of(1e9).buffer), shard.length);
  return modelFilesInMemory({
    'model.json': new TextEncoder().encode(JSON.stringify(json)),
    'group1-shard1of1.bin': longer,
  });
}

async function load(engine: Engine) {
  return loadModel(await filesWithUnknownOp(), { engine, inputRange: '-1..1' });
}

/** CNN-Fixations reads no gradient, but has to know what every layer computes. */
function isPossible({ gradientFree, name }: Method): boolean {
  return gradientFree === true && name !== 'cnn-fixations';
}

describe.each(['wasm', 'cpu'] as const)('a GraphModel that is not translated, on %s', (backend) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await createGraphModelEngine({ backend });
  });

  test('gives the values of its nodes, and finds the logits behind softmax and identity', async () => {
    const before = tf.memory().numTensors;
    const model = await load(engine);
    const loaded = tf.memory().numTensors;
    const { network, session } = model;
    expect(network.heads).toEqual([
      {
        logits: 'net/logits/BiasAdd',
        probabilities: 'net/Softmax',
        activation: 'softmax',
        shape: [5],
        classes: 5,
      },
    ]);
    const outputs = Object.keys(expected.values);
    const result = await session.run({ inputs: { image: inputs }, outputs });
    expectClose(result.logits, decodeArray(expected.logits), TWO_CONVOLUTIONS);
    for (const name of outputs) {
      expectClose(result.outputs.get(name), decodeArray(expected.values[name]!), TWO_CONVOLUTIONS);
    }
    expect(tf.memory().numTensors).toBe(loaded);
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test('resumes at a node; at one with a shortcut beside it, with the input again', async () => {
    const model = await load(engine);
    const logits = decodeArray(expected.logits);
    const valueOf = (layer: string) => ({ layer, value: decodeArray(expected.values[layer]!) });
    const joined = await model.session.run({ from: valueOf('net/join/Relu'), outputs: [] });
    expectClose(joined.logits, logits, TWO_CONVOLUTIONS);
    const from = valueOf('net/conv2/Relu');
    await expect(model.session.run({ from, outputs: [] })).rejects.toThrow(/needs input image/);
    const beside = await model.session.run({ inputs: { image: inputs }, from, outputs: [] });
    expectClose(beside.logits, logits, TWO_CONVOLUTIONS);
    model.dispose();
  });

  test('lists its images, and recommends the last after an activation', async () => {
    const model = await load(engine);
    const taps = listTaps(model.network).map(({ layer, op, shape }) => [layer, op, shape]);
    expect(taps).toContainEqual(['net/conv2/Relu', '_FusedConv2D', [5, 6, 6]]);
    expect(taps.map(([layer]) => layer)).not.toContain('net/conv1/kernel');
    expect(model.defaultLayer).toBe('net/join/Relu');
    model.dispose();
  });

  test('explains without gradients: Ablation-CAM as by TensorFlow, and the others', async () => {
    const model = await load(engine);
    const free = methods.filter(isPossible).map(({ name }) => name);
    expect(free).toEqual([
      'eigen-cam',
      'random-cam',
      'score-cam',
      'ablation-cam',
      'occlusion',
      'rise',
    ]);
    const before = tf.memory().numTensors;
    const { explanations, predictions } = await explain(model, picture(), {
      methods: free,
      runs: 8,
    });
    expect(predictions[0]!.index).toBe(expected.class);
    const ablation = explanations.find(({ method }) => method === 'ablation-cam')!;
    const { map, scale } = expected.ablation;
    expectClose(ablation.raw, decodeArray(map), TWO_CONVOLUTIONS, scale);
    expect(explanations.map(({ method }) => method)).toEqual(free);
    expect(tf.memory().numTensors).toBe(before);
    model.dispose();
  });

  test('reports what is possible before anything runs', async () => {
    const model = await load(engine);
    const report = reportCapabilities(model);
    const free = methods.filter(isPossible).map(({ name }) => name);
    const possible = report.methods.filter((method) => method.possible);
    expect(possible.map(({ method }) => method)).toEqual(free);
    expect(report.ownLayers).toEqual([]);
    expect(report.methods[0]).toMatchObject({
      method: 'grad-cam',
      reason: expect.stringMatching(
        /part of a GraphModel.*node net\/unknown \(FloorMod\).*use score-cam/,
      ) as string,
    });
    model.dispose();
  });

  test.each(['grad-cam', 'guided-backprop', 'integrated-gradients'])(
    '%s is refused in one line that says what to do',
    async (method) => {
      const model = await load(engine);
      const before = tf.memory().numTensors;
      const run = explain(model, picture(), { methods: ['score-cam', method], runs: 2 });
      await expect(run).rejects.toThrow(
        `${method} needs gradients, which a GraphModel does not have`,
      );
      await expect(run).rejects.toThrow('node net/unknown (FloorMod)');
      await expect(run).rejects.toThrow(/use score-cam.*or convert.*LayersModel/);
      expect(tf.memory().numTensors).toBe(before);
      model.dispose();
    },
  );
});

describe('a GraphModel that is translated', () => {
  test.each(['graphs', 'networks'] as const)(
    'gives the values of TensorFlow, on an engine for %s',
    async (kind) => {
      const create = kind === 'graphs' ? createGraphModelEngine : createTfjsEngine;
      const engine = await create({ backend: 'cpu' });
      const before = tf.memory().numTensors;
      const model = await loadModel(openModelFolder(folder), { engine, inputRange: '-1..1' });
      expect(model.proof).toMatch(
        kind === 'graphs' ? /^the translation computes what the graph says/ : /was not compared/,
      );
      expect(model.engine).toBe('tfjs-cpu');
      expect(model.defaultLayer).toBe('net/join/Relu');
      expect(model.endpoints).toMatchObject({
        join: 'net/join/Relu',
        'join/AddV2': 'net/join/AddV2',
        Identity: 'net/Softmax',
      });
      const nodeOf = (name: string): string => model.endpoints[name] ?? name;
      const names = Object.keys(expected.values);
      const result = await model.session.run({
        inputs: { image: inputs },
        outputs: names.map(nodeOf),
      });
      expectClose(result.logits, decodeArray(expected.logits), TWO_CONVOLUTIONS);
      for (const name of names) {
        const value = decodeArray(expected.values[name]!);
        expectClose(result.outputs.get(nodeOf(name)), value, TWO_CONVOLUTIONS);
      }
      const report = reportCapabilities(model);
      expect(report.methods.filter(({ possible }) => !possible)).toEqual([]);
      expect(report.foreignLayers).toEqual([]);
      model.dispose();
      expect(tf.memory().numTensors).toBe(before);
    },
  );

  test('what was found is kept, and a difference that was found before is believed', async () => {
    const engine = await createGraphModelEngine({ backend: 'cpu' });
    const kept = new Map<string, string>();
    const proofs = {
      read: (key: string) => Promise.resolve(kept.get(key) ?? null),
      keep: (key: string, found: string) => Promise.resolve(void kept.set(key, found)),
    };
    const open = () => loadModel(openModelFolder(folder), { engine, proofs, inputRange: '-1..1' });
    const first = await open();
    const second = await open();
    expect(second.proof).toBe(`${first.proof} (found before)`);
    for (const key of kept.keys()) {
      kept.set(key, 'the translation computes something else than the graph: the first node is x');
    }
    const third = await open();
    expect(third.proof).toBeUndefined();
    expect(reportCapabilities(third).methods[0]).toMatchObject({
      method: 'grad-cam',
      possible: false,
      reason: expect.stringContaining(
        'something else than the graph: the first node is x',
      ) as string,
    });
    for (const model of [first, second, third]) model.dispose();
  });
});

describe('where a GraphModel cannot be opened', () => {
  async function withJson(change: (json: Record<string, unknown>) => void) {
    const files = openModelFolder(folder);
    const json = JSON.parse(new TextDecoder().decode(await files.readFile('model.json'))) as Record<
      string,
      unknown
    >;
    change(json);
    return modelFilesInMemory({
      'model.json': new TextEncoder().encode(JSON.stringify(json)),
      'group1-shard1of1.bin': await files.readFile('group1-shard1of1.bin'),
    });
  }

  test('an engine for LayersModels names the one for GraphModels', async () => {
    const engine = await createTfjsEngine({ backend: 'cpu' });
    await expect(load(engine)).rejects.toThrow(/createGraphModelEngine/);
  });

  test.each([
    ['an op that tfjs does not have', { op: 'Mystery' }, /Mystery/],
    ['an input that no node has', { input: ['nothing'] }, /does not load the GraphModel/],
    ['a node without a name', { name: 7 }, /node 3 of the graph/],
  ])('%s', async (_, change, message) => {
    const engine = await createGraphModelEngine({ backend: 'cpu' });
    const before = tf.memory().numTensors;
    const files = await withJson((json) => {
      const { node } = json['modelTopology'] as { node: NdArray[] };
      Object.assign(node[3]!, change);
    });
    await expect(loadModel(files, { engine })).rejects.toThrow(message);
    expect(tf.memory().numTensors).toBe(before);
  });
});
