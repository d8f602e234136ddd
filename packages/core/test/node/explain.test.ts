import * as tf from '@tensorflow/tfjs-core';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTfjsEngine } from '../../src/engines/tfjs/index.ts';
import { displayMapOf, explain as explainLoaded } from '../../src/explain/explain.ts';
import { createModelCache } from '../../src/explain/model-cache.ts';
import { renderOverlay } from '../../src/image/render/colour.ts';
import type { Model } from '../../src/model/description.ts';
import { loadModel } from '../../src/model/model.ts';
import { disposeModels, explain, overlayPng } from '../../src/node/explain.ts';
import { findModelPath } from '../../src/node/find-model.ts';
import { readImage } from '../../src/node/image-files.ts';
import { openModelFolder } from '../../src/node/model-folder.ts';

const root = fileURLToPath(new URL('../../../..', import.meta.url));
const net = path.join(root, 'demo/biased');
const scene = path.join(root, 'demo/scenes/cat-and-dog-128.png');
const folder = mkdtempSync(path.join(tmpdir(), 'gradcam-short-'));
const given = process.env['GRADCAM_MODELS'];

beforeAll(() => {
  cpSync(net, path.join(folder, 'biased'), { recursive: true });
  process.env['GRADCAM_MODELS'] = folder;
});
afterAll(async () => {
  await disposeModels();
  if (given === undefined) delete process.env['GRADCAM_MODELS'];
  else process.env['GRADCAM_MODELS'] = given;
  rmSync(folder, { recursive: true, force: true });
});

describe('explain in one call', () => {
  test('gives what the long way gives, and its overlay', async () => {
    const engine = await createTfjsEngine({ backend: 'cpu' });
    const model = await loadModel(openModelFolder(net), { engine });
    const image = await readImage(scene);
    const long = await explainLoaded(model, image, { targets: ['cat'] });
    const short = await explain(scene, { model: net, engine: 'cpu', targets: ['cat'] });
    expect(short.predictions).toEqual(long.predictions);
    expect([...short.explanations[0]!.raw.data]).toEqual([...long.explanations[0]!.raw.data]);
    expect(short.assumptions).toEqual(model.assumptions);
    const decoded = await sharp(await overlayPng(short, { colormap: 'jet', alpha: 0.4 }))
      .raw()
      .toBuffer();
    const map = displayMapOf(long.explanations[0]!, long.geometry);
    expect([...decoded]).toEqual([...renderOverlay(image, map, 'jet', 0.4).data]);
    await expect(overlayPng(short, { explanation: 1 })).rejects.toThrow(
      'explanation: expected 0 to 0, got 1',
    );
    model.dispose();
  });

  test('takes a model by its name, keeps it, and frees it', async () => {
    await disposeModels();
    const before = tf.memory().numTensors;
    const options = { model: 'biased', engine: 'cpu' } as const;
    await explain(scene, options);
    const kept = tf.memory().numTensors;
    expect(kept).toBeGreaterThan(before);
    const again = await Promise.all([explain(scene, options), explain(scene, options)]);
    expect(tf.memory().numTensors).toBe(kept);
    expect(again[0]!.predictions).toEqual(again[1]!.predictions);
    await explain(scene, { ...options, overrides: { inputRange: '-1..1' } });
    expect(tf.memory().numTensors).toBe(before + 2 * (kept - before));
    await disposeModels();
    expect(tf.memory().numTensors).toBe(before);
  });

  test('leaves a loaded model to its owner', async () => {
    const engine = await createTfjsEngine({ backend: 'cpu' });
    const model = await loadModel(openModelFolder(net), { engine });
    await explain(scene, { model });
    await disposeModels();
    expect((await explainLoaded(model, await readImage(scene))).explanations).toHaveLength(1);
    model.dispose();
  });

  test('frees what it had loaded when the image is none', async () => {
    const before = tf.memory().numTensors;
    const options = { model: net, engine: 'cpu' } as const;
    await expect(explain(path.join(root, 'README.md'), options)).rejects.toThrow(/known kind/);
    await disposeModels();
    expect(tf.memory().numTensors).toBe(before);
  });

  test('refuses a model that is nowhere, an engine that there is not, and options of the wrong kind', async () => {
    for (const none of [undefined, null]) {
      await expect(explain(scene, { model: none as unknown as string })).rejects.toThrow(
        'model: expected a path, a URL or a loaded model, got none',
      );
    }
    await expect(explain(scene, { model: 'no-such-net' })).rejects.toThrow(
      /model 'no-such-net' is no folder with a model\.json .* gradcam fetch no-such-net$/,
    );
    await expect(explain(scene, { model: net, engine: 'tpu' as 'cpu' })).rejects.toThrow(
      "engine: expected auto, onnx, wasm or cpu, got 'tpu'",
    );
    const wrong = { model: net, engine: 'cpu', tagrets: ['cat'] } as const;
    await expect(explain(scene, wrong)).rejects.toThrow(/no option 'tagrets'.*targets/);
  });
});

test('findModelPath: the path itself, then the folders of models', () => {
  expect(findModelPath(net)).toBe(net);
  expect(findModelPath('biased')).toBe(path.join(folder, 'biased'));
  expect(() => findModelPath('net.keras')).toThrow(/convertModel of @gradcam\/converter\/node$/);
});

test('a model that failed to load is not kept, and is freed when it loads later', async () => {
  const cache = createModelCache();
  const engine = { name: 'one', open: () => null };
  let freed = 0;
  const model = { dispose: () => (freed += 1) } as unknown as Model;
  const fail = () => Promise.reject(new Error('offline'));
  await expect(cache.take(['a', engine], fail)).rejects.toThrow('offline');
  await expect(cache.take(['a', engine], () => Promise.resolve(model))).resolves.toBe(model);
  await expect(cache.take(['a', engine], fail)).resolves.toBe(model);
  await expect(cache.take(['a', { ...engine }], fail)).rejects.toThrow('offline');
  await cache.dispose();
  expect(freed).toBe(1);
});

test('models from files of the same names are told apart by their files', async () => {
  const cache = createModelCache();
  const modelNamed = (engine: string) => Promise.resolve({ engine } as unknown as Model);
  const filesOf = (blob: Blob) => [{ path: 'net.onnx', blob }];
  const [first, second] = [new Blob(['one']), new Blob(['two'])];
  for (const [blob, name] of [
    [first, 'first'],
    [second, 'second'],
    [first, 'another'],
  ] as const) {
    const taken = await cache.take([filesOf(blob), 'onnx', {}], () => modelNamed(name));
    expect(taken.engine).toBe(blob === first ? 'first' : 'second');
  }
});
