import { readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../../../src/engines/port/engine.ts';
import { explain } from '../../../src/explain/explain.ts';
import { createGraphModelEngine } from '../../../src/engines/graph-model/index.ts';
import { modelFilesInMemory } from '../../../src/readers/model-files.ts';
import { loadModel } from '../../../src/model/model.ts';
import { openModelFolder } from '../../../src/node/model-folder.ts';
import { decodeArray, readFixture, type StoredArray } from '../../helper/fixture.ts';
import { findShared } from '../../helper/shared-data.ts';

interface Expected {
  readonly pixels: { readonly shape: readonly [number, number, number]; readonly uint8: string };
  readonly cases: readonly {
    readonly name: string;
    readonly range: '0..255' | '0..1' | null;
    readonly probabilities: StoredArray;
  }[];
}

/** A float32 softmax behind one convolution, of TensorFlow and of tfjs. */
const PROBABILITIES = 2e-6;

const expected = readFixture<Expected>('graph-scaling/expected.json');
const folderOf = (name: string): string =>
  fileURLToPath(new URL(`../../fixtures/graph-scaling/${name}`, import.meta.url));
const [height, width] = expected.pixels.shape;
const data = Uint8Array.from(Buffer.from(expected.pixels.uint8, 'base64'));
const picture = { width, height, channels: 3, data } as const;

let engine: Engine;
beforeAll(async () => {
  engine = await createGraphModelEngine({ backend: 'cpu' });
});

async function probabilitiesOf(model: Awaited<ReturnType<typeof loadModel>>): Promise<number[]> {
  const { predictions } = await explain(model, picture, { methods: ['eigen-cam'] });
  return [...predictions].sort((a, b) => a.index - b.index).map((one) => one.probability!);
}

describe('a GraphModel that scales its own pixels gets those it was written for', () => {
  test.each(expected.cases.map((one) => [one.name, one] as const))(
    '%s, as TensorFlow',
    async (name, { range, probabilities }) => {
      const before = tf.memory().numTensors;
      const model = await loadModel(openModelFolder(folderOf(name)), { engine });
      const found = await probabilitiesOf(model);
      decodeArray(probabilities).data.forEach((value, i) =>
        expect(Math.abs(found[i]! - value)).toBeLessThan(PROBABILITIES),
      );
      if (range === null) {
        expect(model.readFrom).toEqual([]);
        expect(model.assumptions.join()).toContain('pixels are scaled to 0..1');
      } else {
        const source = /bytes|whole/.test(name) ? /^the model's input image, which/ : /first layer/;
        expect(model.readFrom).toEqual([expect.stringMatching(source)]);
        expect(model.readFrom[0]).toMatch(new RegExp(`go in as ${range}.*--input-range`));
        expect(model.assumptions.join()).not.toMatch(/pixels are scaled|whole numbers/);
      }
      model.dispose();
      expect(tf.memory().numTensors).toBe(before);
    },
  );

  test('what is stated wins; of whole numbers a small range is said to lose all', async () => {
    const files = openModelFolder(folderOf('half-range'));
    const model = await loadModel(files, { engine, inputRange: '-1..1' });
    expect(model.input.scale).toBe(1 / 127.5);
    expect(model.readFrom).toEqual([]);
    model.dispose();
    const bytes = await loadModel(openModelFolder(folderOf('bytes')), {
      engine,
      inputRange: '0..1',
    });
    expect(bytes.assumptions).toContainEqual(expect.stringMatching(/image takes whole numbers/));
    bytes.dispose();
  });

  test('files beside it come before, and are said to fit no whole numbers', async () => {
    const files = openModelFolder(folderOf('bytes'));
    const preprocessor = { size: { height, width }, image_mean: [0.5], image_std: [0.5] };
    const model = await loadModel(
      modelFilesInMemory({
        'model.json': await files.readFile('model.json'),
        'group1-shard1of1.bin': await files.readFile('group1-shard1of1.bin'),
        'preprocessor_config.json': new TextEncoder().encode(JSON.stringify(preprocessor)),
      }),
      { engine },
    );
    expect(model.readFrom).toEqual([expect.stringMatching(/^preprocessor_config.json: /)]);
    expect(model.assumptions).toContainEqual(expect.stringMatching(/image takes whole numbers/));
    model.dispose();
  });
});

test('the given GraphModels begin with a convolution: nothing is read of it, and 0..1 is said', async () => {
  const root = findShared('data', 'models', 'tfjs-graph');
  if (root === null) return;
  for (const name of ['07subhadip-CNN_Project_MNIST_TFJS', 'COLVERTYETY-cifar100edge']) {
    expect(readdirSync(root)).toContain(name);
    const model = await loadModel(openModelFolder(path.join(root, name)), { engine });
    expect(model.readFrom).toEqual([]);
    expect(model.assumptions.join()).toContain('pixels are scaled to 0..1');
    model.dispose();
  }
}, 60_000);
