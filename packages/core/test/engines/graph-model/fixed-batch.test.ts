import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../../../src/engines/port/engine.ts';
import { explain } from '../../../src/explain/explain.ts';
import { createGraphModelEngine } from '../../../src/engines/graph-model/index.ts';
import { findChannelsFirst } from '../../../src/readers/graph-def/value-layouts.ts';
import { modelFilesInMemory } from '../../../src/readers/model-files.ts';
import { loadModel } from '../../../src/model/model.ts';
import { openModelFolder } from '../../../src/node/model-folder.ts';
import { expectClose } from '../../helper/closeness.ts';
import { decodeArray, readFixture, type StoredArray } from '../../helper/fixture.ts';

/** Float32 through two convolutions against float64. */
const TWO_CONVOLUTIONS = 5e-6;

const folder = fileURLToPath(new URL('../../fixtures/graph/residual', import.meta.url));
const expected = readFixture<{ inputs: StoredArray; logits: StoredArray }>(
  'graph/residual/expected.json',
);

/** The fixture's graph with the batch of its placeholder stated, as exports from ONNX have it. */
async function filesWithBatch(batch: number) {
  const files = openModelFolder(folder);
  const json = JSON.parse(new TextDecoder().decode(await files.readFile('model.json'))) as {
    modelTopology: {
      node: { op: string; attr: { shape: { shape: { dim: { size: string }[] } } } }[];
    };
    weightsManifest: { paths: string[] }[];
    signature?: unknown;
  };
  for (const { op, attr } of json.modelTopology.node) {
    if (op === 'Placeholder') attr.shape.shape.dim[0]!.size = String(batch);
  }
  delete json.signature;
  const shards = json.weightsManifest.flatMap(({ paths }) => paths);
  const read = async (name: string) => [name, await files.readFile(name)] as const;
  return modelFilesInMemory({
    ...Object.fromEntries(await Promise.all(shards.map(read))),
    'model.json': new TextEncoder().encode(JSON.stringify(json)),
  });
}

describe('a GraphModel whose batch is fixed', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await createGraphModelEngine({ backend: 'cpu' });
  });

  test('at 1 is run for each item, with the numbers of TensorFlow, and explained', async () => {
    const before = tf.memory().numTensors;
    const model = await loadModel(await filesWithBatch(1), { engine, inputRange: '-1..1' });
    const inputs = decodeArray(expected.inputs);
    const { logits } = await model.session.run({ inputs: { image: inputs }, outputs: [] });
    expect(inputs.shape[0]).toBe(2);
    expectClose(logits, decodeArray(expected.logits), TWO_CONVOLUTIONS);
    const [, height, width] = inputs.shape as [number, number, number];
    const picture = {
      width,
      height,
      channels: 3,
      data: new Uint8Array(height * width * 3),
    } as const;
    const { explanations } = await explain(model, picture, { methods: ['score-cam'], batch: 3 });
    expect(explanations[0]!.raw.shape).toHaveLength(2);
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test('at more than 1 is refused', async () => {
    await expect(loadModel(await filesWithBatch(8), { engine })).rejects.toMatchObject({
      kind: 'unsupported',
      message: expect.stringContaining('batches of exactly 8'),
    });
  });
});

test('values with channels first, from turn to turn', () => {
  const node = (name: string, op: string, ...inputs: string[]) => ({ name, op, inputs, fused: [] });
  const nodes = [
    node('x', 'Placeholder'),
    node('last', 'Transpose', 'x', 'to last'),
    node('conv', 'Conv2D', 'last', 'kernel'),
    node('first', 'Transpose', 'conv', 'to first'),
    node('relu', 'Relu', 'first'),
    node('again', 'Transpose', 'relu', 'to last'),
    node('pool', 'MaxPool', 'again'),
  ];
  const orders: Readonly<Record<string, number[]>> = {
    'to last': [0, 2, 3, 1],
    'to first': [0, 3, 1, 2],
  };
  const found = findChannelsFirst(nodes, ['x'], (name) => orders[name] ?? null);
  expect([...found]).toEqual(['x', 'first', 'relu']);
});
