import { readFileSync } from 'node:fs';
import path from 'node:path';
import npyjs from 'npyjs';
import { describe, expect, test } from 'vitest';
import { fixateCrops } from '../../../src/explain/fixate-crops.ts';
import { prepareInput } from '../../../src/image/prepare-input.ts';
import { computeFixations } from '../../../src/methods/fixations/cnn-fixations.ts';
import { loadModel } from '../../../src/model/model.ts';
import { openModelFolder, readImage } from '../../../src/node/index.ts';
import { readNpz } from '../../evidence/read-npz.ts';
import { largestDifference } from '../../helper/closeness.ts';
import { createEngine } from '../../helper/engines.ts';
import { functionalModel, input, layer, type LayerSpec } from '../../helper/keras-model.ts';
import { findShared } from '../../helper/shared-data.ts';
import { openModel } from '../passes/tiny-net.ts';

/** Points that the authors' program found, and the picture's class. */
interface AuthorsPoints {
  readonly class: number;
  readonly points: readonly (readonly [row: number, column: number])[];
}

const folder = findShared('data', 'peers', 'fixations');

/** The stored map is float32 of 0..255, and OpenCV sums in another order than we do. */
const OF_OPENCV = 1e-5;

function readJson<T>(name: string): T {
  return JSON.parse(readFileSync(path.join(folder!, name), 'utf8')) as T;
}

describe.skipIf(folder === null)('as the authors’ program', () => {
  test('a VGG-like net: points and map', async () => {
    const expected = readJson<AuthorsPoints>('vggflat-a0.json');
    const model = await loadModel(openModelFolder(path.join(folder!, '../models/vggflat')), {
      engine: await createEngine('onnx'),
      inputRange: '-1..1',
    });
    const image = await readImage(path.join(folder!, '../images/a0.png'));
    const { values } = prepareInput(image, model.input);
    const [found] = await computeFixations(model.session, values, {
      seeds: [{ score: 'logit', of: { class: expected.class } }],
    });
    model.dispose();
    expect(found!.points.map(({ row, column }) => [row, column])).toEqual(expected.points);
    const bytes = Uint8Array.from(readFileSync(path.join(folder!, 'vggflat-a0-heat.npy')));
    const heat = new npyjs().parse(bytes.buffer).data as Float32Array;
    const largest = found!.map.data.reduce((most, value) => Math.max(most, value), 0);
    const scaled = found!.map.data.map((value) => (value * 255) / largest);
    expect(largestDifference(scaled, heat)).toBeLessThan(OF_OPENCV);
  });

  test('five crops of a larger picture: the same crops, and every point within two pixels', async () => {
    const expected = readJson<AuthorsPoints & { readonly start: readonly unknown[] }>(
      'vggflat-big0.json',
    );
    const model = await loadModel(openModelFolder(path.join(folder!, '../models/vggflat')), {
      engine: await createEngine('onnx'),
      inputRange: '-1..1',
    });
    const image = await readImage(path.join(folder!, '../images/big0.png'));
    const found = await fixateCrops(model, image);
    model.dispose();
    expect(found.classIndex).toBe(expected.class);
    expect(found.crops.map(({ isUsed }) => isUsed)).toEqual(expected.start.map((one) => one !== 0));
    // It resizes to whole pixels with another filter, and cuts places to whole pixels of their corners.
    expect(found.points).toHaveLength(expected.points.length);
    for (const [row, column] of expected.points) {
      const near = found.points.filter(
        ({ x, y }) => Math.abs(x - column) <= 2 && Math.abs(y - row) <= 2,
      );
      expect(near.length, `row ${row}, column ${column}`).toBeGreaterThan(0);
    }
    expect(found.map.shape).toEqual([image.height, image.width]);
  });

  test('a net of four bottleneck blocks: points, shortcut or branch', async () => {
    const session = await openModel(bottleneckNet());
    const image = await readImage(path.join(folder!, '../images/a0.png'));
    const data = Float32Array.from(image.data, (value) => value / 127.5 - 1);
    const [found] = await computeFixations(
      session,
      { shape: [1, image.height, image.width, 3], data },
      { seeds: [{ score: 'logit', of: { rank: 0 } }] },
    );
    session.dispose();
    const { trace } = readJson<{ trace: (readonly (readonly number[])[])[] }>('tinyres.json');
    const places = trace.at(-1)!.map(([, row, column]) => [row!, column!]);
    places.sort(([a, b], [c, d]) => a! - c! || b! - d!);
    expect(found!.points.map(({ row, column }) => [row, column])).toEqual(places);
  });
});

/** The net of `tinyres-params.npz`, whose convolutions have no biases and no normalisations. */
function bottleneckNet() {
  const params = readNpz(readFileSync(path.join(folder!, 'tinyres-params.npz')));
  // NumPy wrote the kernels as [out, in, rows, columns].
  const kernelOf = (name: string, out: number, given: number, size: number) => {
    const values = params.get(name)!;
    const data = new Float32Array(size * size * given * out);
    let from = 0;
    for (let o = 0; o < out; o++) {
      for (let i = 0; i < given; i++) {
        for (let cell = 0; cell < size * size; cell++) {
          data[(cell * given + i) * out + o] = values[from++]!;
        }
      }
    }
    return { shape: [size, size, given, out], data };
  };
  const layers: LayerSpec[] = [input('image', 64, 64, 3)];
  const add = (spec: LayerSpec, ...inputs: string[]): string => {
    layers.push(inputs.length > 0 ? { ...spec, inputs } : spec);
    return spec.name;
  };
  const conv = (
    name: string,
    [given, out, size]: readonly [number, number, number],
    { from, stride = 1 }: { from?: string; stride?: number } = {},
  ): string => {
    const padded = stride > 1 && size > 1;
    const pad = (size - 1) / 2;
    if (padded)
      add(
        layer('ZeroPadding2D', `${name}_pad`, {
          padding: [
            [pad, pad],
            [pad, pad],
          ],
        }),
      );
    return add(
      layer(
        'Conv2D',
        name,
        {
          ...{ filters: out, kernel_size: [size, size], strides: [stride, stride] },
          ...{ padding: padded ? 'valid' : 'same', use_bias: false },
        },
        { kernel: kernelOf(name, out, given, size) },
      ),
      ...(from === undefined ? [] : [from]),
    );
  };
  conv('conv1', [3, 8, 7], { stride: 2 });
  add(layer('ReLU', 'conv1_relu'));
  let start = add(
    layer('MaxPooling2D', 'pool1', { pool_size: [3, 3], strides: [2, 2], padding: 'same' }),
  );
  let given = 8;
  for (const [block, inner, out, stride] of [
    ['res2a', 6, 16, 1],
    ['res2b', 6, 16, 1],
    ['res3a', 8, 24, 2],
    ['res3b1', 8, 24, 1],
  ] as const) {
    const from = start;
    const shortcut = block.includes('a')
      ? conv(`${block}_branch1`, [given, out, 1], { from, stride })
      : from;
    conv(`${block}_branch2a`, [given, inner, 1], { from, stride });
    add(layer('ReLU', `${block}_a`));
    conv(`${block}_branch2b`, [inner, inner, 3]);
    add(layer('ReLU', `${block}_b`));
    const branch = conv(`${block}_branch2c`, [inner, out, 1]);
    add(layer('Add', block), shortcut, branch);
    start = add(layer('ReLU', `${block}_relu`));
    given = out;
  }
  add(layer('GlobalAveragePooling2D', 'mean'));
  const scores = { shape: [24, 5], data: kernelOf('fc1000', 5, 24, 1).data };
  add(layer('Dense', 'fc1000', { units: 5, use_bias: false }, { kernel: scores }));
  return functionalModel(layers);
}
