import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { NdArray } from '../src/base/nd-array.ts';
import { argMax } from '../src/base/nd-array.ts';
import { explain } from '../src/explain/explain.ts';
import { loadModel } from '../src/model/model.ts';
import { openModelFolder, readImage } from '../src/node/index.ts';
import { parseLabels } from '../src/readers/labels/labels.ts';
import { createTfjsEngine } from '../src/engines/tfjs/index.ts';
import { camScale, expectClose, FLOAT32_SUMS } from './helper/closeness.ts';
import { findShared } from './helper/shared-data.ts';

const data = findShared('data', 'mobilenet_v1_0.25_224') && findShared('data');

/** Methods at a layer that claim to tell classes apart. */
const discriminating = [
  'grad-cam',
  'grad-cam-plus-plus',
  'hires-cam',
  'layer-cam',
  'xgrad-cam',
  'grad-cam-elementwise',
  'cam',
];

/** The figure is of another program's resize and sums; the picture needs no resize. */
const PROBABILITY_TOLERANCE = 0.01;

describe.skipIf(data === null)('the real MobileNet on the real photo', () => {
  const file = (...parts: string[]): string => path.join(data ?? '', ...parts);
  const folder = file('mobilenet_v1_0.25_224');

  test('predicts and separates the animals', { timeout: 60_000 }, async () => {
    const engine = await createTfjsEngine({ backend: 'wasm' });
    const labels = await readFile(file('imagenet_synset_labels.txt'), 'utf8');
    const model = await loadModel(openModelFolder(folder), {
      engine,
      inputRange: '-1..1',
      classNames: parseLabels(labels),
    });
    const image = await readImage(file('images', 'cat_dog.png'));
    const { predictions, explanations } = await explain(model, image, {
      targets: ['boxer', 'tiger cat'],
      methods: discriminating,
    });
    const run = await model.session.run({
      inputs: { input_1: await prepareByHand(file('images', 'cat_dog.png')) },
      outputs: ['conv_pw_13_relu'],
    });
    model.dispose();

    expect(predictions[0]).toMatchObject({ index: 242, label: 'boxer' });
    expect(Math.abs(predictions[0]!.probability! - 0.346)).toBeLessThan(PROBABILITY_TOLERANCE);

    const activations = run.outputs.get('conv_pw_13_relu')!;
    const gradCams = explanations.filter(({ method }) => method === 'grad-cam');
    expect(gradCams).toHaveLength(2);
    for (const { raw, target, layer } of gradCams) {
      expect(layer).toBe('conv_pw_13_relu');
      const { cam, scale } = classActivationMap(activations, target.index);
      expectClose(raw, cam, FLOAT32_SUMS, scale);
    }
    // The dog stands above and to the left, the cat below.
    for (const { method, target, raw } of explanations) {
      const peak = argMax(raw.data);
      const place = [Math.floor(peak / 7), peak % 7];
      expect({ method, place }).toEqual({ method, place: target.index === 242 ? [0, 2] : [4, 3] });
    }
  });

  /** The head is a mean and one linear layer, so Grad-CAM is sum_k W_kc A_k / 49 (Zhou et al. 2016). */
  function classActivationMap(
    activations: NdArray,
    index: number,
  ): { cam: NdArray; scale: number } {
    const weightOf = (_: number, k: number): number => head[k * 1000 + index]! / 49;
    const cam = new Float32Array(49);
    for (let cell = 0; cell < 49; cell++) {
      let sum = 0;
      for (let k = 0; k < 256; k++) sum += weightOf(cell, k) * activations.data[cell * 256 + k]!;
      cam[cell] = sum;
    }
    return { cam: { shape: [7, 7], data: cam }, scale: camScale(activations, weightOf) };
  }
});

/** The kernel of `conv_preds`, [256, 1000], straight from the shard. */
const head = data === null ? new Float32Array() : await readHead(data);

async function readHead(folder: string): Promise<Float32Array> {
  const root = path.join(folder, 'mobilenet_v1_0.25_224');
  const json = JSON.parse(await readFile(path.join(root, 'model.json'), 'utf8')) as {
    weightsManifest: [{ paths: [string]; weights: { name: string; shape: number[] }[] }];
  };
  const [{ paths, weights }] = json.weightsManifest;
  const bytes = await readFile(path.join(root, paths[0]));
  let offset = 0;
  for (const { name, shape } of weights) {
    const length = shape.reduce((a, b) => a * b, 4);
    if (name === 'conv_preds/kernel') {
      return new Float32Array(new Uint8Array(bytes.subarray(offset, offset + length)).buffer);
    }
    offset += length;
  }
  throw new Error('no conv_preds/kernel');
}

/** 224x224 pixels need no resize: x / 127.5 - 1 of each. */
async function prepareByHand(picture: string): Promise<NdArray> {
  const { data: pixels } = await readImage(picture);
  return { shape: [1, 224, 224, 3], data: Float32Array.from(pixels, (value) => value / 127.5 - 1) };
}
