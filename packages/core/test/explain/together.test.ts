import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import type { NdArray } from '../../src/base/nd-array.ts';
import { explain, type ImageExplanation } from '../../src/explain/explain.ts';
import { explainTogether } from '../../src/explain/explain-together.ts';
import type { RgbImage } from '../../src/image/rgb-image.ts';
import { methods } from '../../src/methods/registry.ts';
import { loadModel, type Model } from '../../src/model/model.ts';
import { mainHead } from '../../src/network/network.ts';
import { outputKindOf } from '../../src/network/output-kind.ts';
import { openModelFolder } from '../../src/node/model-folder.ts';
import { expectClose } from '../helper/closeness.ts';
import { createEngine, engineNames, type EngineName } from '../helper/engines.ts';
import { decodeArray } from '../helper/fixture.ts';
import { netNames, readNetFixture, type NetName } from '../helper/net-fixture.ts';

/** As in `engine/nets.test.ts`. */
const WHOLE_NET = 2e-5;

/**
 * An image in a batch against the same image alone, of the largest value: the same sums, which a kernel may
 * add up in another order.
 */
const IN_A_BATCH = 1e-6;

interface Opened {
  readonly model: Model;
  /** The oracle's image. */
  readonly picture: RgbImage;
  readonly others: Readonly<Record<string, NdArray>>;
  readonly expected: Awaited<ReturnType<typeof readNetFixture>>['expected'];
  readonly layers: readonly string[];
}

async function openNet(name: NetName, engineName: EngineName): Promise<Opened> {
  const { expected, inputs, nodeOf } = await readNetFixture(name);
  const folder = fileURLToPath(new URL(`../fixtures/nets/${name}`, import.meta.url));
  const engine = await createEngine(engineName);
  const { image, ...others } = inputs;
  // The oracle gives 0..255 to nets that rescale by themselves, and -1..1 to the others.
  const inputRange = image!.data.some((value) => value > 1) ? '0..255' : '-1..1';
  const [, height, width] = image!.shape as [number, number, number];
  const data = Uint8Array.from(image!.data, (value) =>
    Math.round(inputRange === '0..255' ? value : (value + 1) * 127.5),
  );
  const model = await loadModel(openModelFolder(folder), { engine, inputRange, fit: 'squash' });
  const layers = Object.keys(expected.activations).map(
    (layer) => [...model.network.layers].find(([, node]) => node === nodeOf(layer))![0],
  );
  return { model, picture: { width, height, channels: 3, data }, others, expected, layers };
}

/** The picture's negative, its upper half alone, and the picture with other colours. */
function listOthers({ width, height, channels, data }: RgbImage): RgbImage[] {
  const half = Math.floor(height / 2);
  return [
    { width, height, channels, data: data.map((value) => 255 - value) },
    { width, height: half, channels, data: data.slice(0, width * half * 3) },
    { width, height, channels, data: data.map((value) => (value * 7) % 256) },
  ];
}

function valueOf(result: PromiseSettledResult<ImageExplanation> | undefined): ImageExplanation {
  if (result?.status === 'fulfilled') return result.value;
  throw new Error('the image failed', { cause: result?.reason });
}

function expectSame(together: ImageExplanation, alone: ImageExplanation): void {
  expect(together.geometry).toEqual(alone.geometry);
  expect(together.predictions.map(({ index }) => index)).toEqual(
    alone.predictions.map(({ index }) => index),
  );
  expect(together.explanations).toHaveLength(alone.explanations.length);
  alone.explanations.forEach((one, i) => {
    const found = together.explanations[i]!;
    const { method, layer, target } = found;
    expect([method, layer, target]).toEqual([one.method, one.layer, one.target]);
    expectClose(found.raw, one.raw, IN_A_BATCH);
    expectClose({ shape: [1], data: [found.score] }, { shape: [1], data: [one.score] }, IN_A_BATCH);
  });
}

/** The methods of the shared pass, and some that run the model by themselves. */
const SHARED = methods.filter(({ passes, presumes }) => passes === 'shared' && !presumes);
const OWN = ['score-cam', 'ablation-cam', 'smoothgrad', 'integrated-gradients'];

describe.each(engineNames)('several images in one pass on %s', (engineName) => {
  test.each(netNames)('%s: Grad-CAM of each class as by TensorFlow', async (name) => {
    const { model, picture, others, expected, layers } = await openNet(name, engineName);
    // The oracle's class 0 of a single sigmoid is what it says, which is class 1 of two here.
    const isBinary = outputKindOf(mainHead(model.network)) === 'binary';
    const targets = expected.classes.map((index) => (isBinary ? 1 : index));
    const [first, ...rest] = listOthers(picture) as [RgbImage, ...RgbImage[]];
    const images = [first, picture, ...rest];
    const results = await explainTogether(model, images, { layers, targets, inputs: others });
    const wanted = expected.classes.flatMap((index) =>
      Object.keys(expected.activations).map((layer) => expected.maps[`${layer}@${index}`]!),
    );
    const { explanations } = valueOf(results[1]);
    expect(explanations).toHaveLength(wanted.length);
    wanted.forEach((maps, i) => {
      const map = decodeArray(maps['gradCam']!);
      expectClose(explanations[i]!.raw, map, WHOLE_NET, maps.scales['gradCam']);
    });
    model.dispose();
  });

  test('every method gives what it gives for each image alone', async () => {
    const { model, picture, layers } = await openNet('mobilenet-like', engineName);
    const images = [picture, ...listOthers(picture).slice(0, 2)];
    const options = {
      ...{ methods: SHARED.map((method) => method.name), layers: layers.slice(0, 2) },
      ...{ targets: ['top1', 'not:1', 0] },
    };
    for (const asked of [options, { methods: OWN, runs: 4, batch: 3 }]) {
      const tensors = tf.memory().numTensors;
      const results = await explainTogether(model, images, asked);
      expect(tf.memory().numTensors).toBe(tensors);
      for (const [i, image] of images.entries()) {
        expectSame(valueOf(results[i]), await explain(model, image, asked));
      }
    }
    model.dispose();
  });

  test('an image with a fault fails alone, with its own error', async () => {
    const { model, picture } = await openNet('nested-residual', engineName);
    const { height, width } = model.input;
    const good = await explain(model, picture);
    const broken = {
      values: {
        shape: [1, height, width, 3],
        data: new Float32Array(height * width * 3).fill(NaN),
      },
      geometry: good.geometry,
    };
    const path = 'cat.png' as unknown as RgbImage;
    const tensors = tf.memory().numTensors;
    const results = await explainTogether(model, [broken, picture, path, picture]);
    expect(tf.memory().numTensors).toBe(tensors);
    expect(results).toMatchObject([
      { reason: { kind: 'argument', message: expect.stringContaining('NaN at index 0') } },
      { status: 'fulfilled' },
      { reason: { kind: 'argument', message: expect.stringContaining('readImage') } },
      { status: 'fulfilled' },
    ]);
    for (const i of [1, 3]) expectSame(valueOf(results[i]), good);
    model.dispose();
  });
});
