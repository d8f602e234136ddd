import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { parseBoxReading } from '../../src/network/box-reading.ts';
import type { Engine } from '../../src/engines/port/engine.ts';
import { explain } from '../../src/explain/explain.ts';
import { createGraphModelEngine } from '../../src/engines/graph-model/index.ts';
import type { RgbImage } from '../../src/image/rgb-image.ts';
import { loadModel, type Model } from '../../src/model/model.ts';
import type { ModelOverrides } from '../../src/model/description.ts';
import { expectClose, largestDifference } from '../helper/closeness.ts';
import { createEngine, engineNames } from '../helper/engines.ts';
import { decodeArray, readFixture, readFixtureBytes, type StoredArray } from '../helper/fixture.ts';

/** Written by `tools/oracles/detectors.py`: nets by Keras, boxes by NumPy, gradients by TensorFlow. */
interface Expected {
  readonly pixels: { readonly shape: readonly [number, number, number]; readonly uint8: string };
  /** Corners x0, y0, x1, y1 in pixels of the picture, which has the size of the nets' input. */
  readonly found: readonly {
    readonly place: number;
    readonly class: number;
    readonly score: number;
    readonly box: readonly [number, number, number, number];
  }[];
  /** Places whose best score reaches 0.25, before any is suppressed. */
  readonly above: number;
  readonly cases: Readonly<Record<string, Case>>;
}

interface Case {
  readonly class: number;
  readonly score: number;
  readonly gradCam?: StoredArray;
  /** The largest over the cells of the sum of |terms|. */
  readonly camScale?: number;
  readonly gradient?: StoredArray;
  readonly occlusion?: StoredArray;
}

/** Float32 through five layers and back, of the largest value: what the project asks of gradients. */
const GRADIENTS = 3e-5;
/** Of a score 0..1, and of a box in shares of its picture. */
const SCORES = 5e-6;

const noNames = { labels: [], wnids: [] };
const abc = { labels: ['ant', 'bee', 'cow'], wnids: [] };

/** What has to be said of each net, since shapes and values do not tell it. */
const stated: Readonly<Record<string, ModelOverrides>> = {
  yolov8: { classNames: abc },
  'yolov8-last': { classNames: abc },
  yolov5: { classNames: abc },
  ssd: { classNames: { labels: ['nothing', ...abc.labels], wnids: [] } },
  'ssd-scores': { classNames: abc, boxes: parseBoxReading('xyxy') },
  // Told by its graph, whatever the number of class names.
  // The fixture's net was made for pixels of 0..1 in RGB.
  yolox: { classNames: abc, inputRange: '0..1', channelOrder: 'rgb', fit: 'crop' },
};
const nets = Object.keys(stated);

function readNet(name: string): { files: Parameters<typeof loadModel>[0]; expected: Expected } {
  const files = {
    location: name,
    readFile: (path: string) => readFixtureBytes(`detectors/${name}/${path}`),
  };
  return { files, expected: readFixture<Expected>(`detectors/${name}/expected.json`) };
}

function toImage({ shape, uint8 }: Expected['pixels']): RgbImage {
  const [height, width] = shape;
  return { width, height, channels: 3, data: Uint8Array.from(Buffer.from(uint8, 'base64')) };
}

function expectBoxes(
  predictions: Awaited<ReturnType<typeof explain>>['predictions'],
  { found, pixels }: Expected,
): void {
  expect(predictions.map(({ index }) => index)).toEqual(found.map((one) => one.class));
  const [, width] = pixels.shape;
  predictions.forEach(({ probability, box }, i) => {
    const wanted = found[i]!;
    expect(Math.abs(probability! - wanted.score)).toBeLessThan(SCORES);
    const { x, y, width: across, height: down } = box!;
    const corners = [x, y, x + across, y + down];
    expect(largestDifference(corners, wanted.box, width)).toBeLessThan(SCORES);
  });
}

describe.each(engineNames)('on %s', (engineName) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await createEngine(engineName);
  });

  const load = (name: string, overrides: ModelOverrides = stated[name]!): Promise<Model> =>
    loadModel(readNet(name).files, { engine, ...overrides });

  test.each(nets)('%s: the boxes that NumPy reads from TensorFlow', async (name) => {
    const { expected } = readNet(name);
    const model = await load(name);
    const image = toImage(expected.pixels);
    const { predictions } = await explain(model, image, { layers: ['features'] });
    model.dispose();
    expect(expected.above).toBeGreaterThan(expected.found.length);
    expectBoxes(predictions, expected);
    const label = predictions[0]!.label;
    expect(label).toBe(stated[name]!.classNames!.labels[predictions[0]!.index]);
  });

  const cases = nets.flatMap((name) =>
    Object.keys(readNet(name).expected.cases).map((target) => [name, target] as const),
  );
  test.each(cases)('%s, %s: score, Grad-CAM and gradient of TensorFlow', async (name, target) => {
    const { expected } = readNet(name);
    const wanted = expected.cases[target]!;
    const before = tf.memory().numTensors;
    const model = await load(name);
    const options = {
      targets: [target],
      layers: ['features'],
      methods: ['grad-cam', 'gradient'] as const,
    };
    const { explanations } = await explain(model, toImage(expected.pixels), options);
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
    const [cam, gradient] = explanations;
    expect(Math.abs(cam!.score - wanted.score)).toBeLessThan(SCORES * Math.max(1, wanted.score));
    expectClose(cam!.raw, decodeArray(wanted.gradCam!), GRADIENTS, wanted.camScale);
    expectClose(gradient!.raw, decodeArray(wanted.gradient!), GRADIENTS);
    expect(cam!.target).toMatchObject({ kind: 'box', index: wanted.class, box: Number(target[4]) });
  });

  test.each(['yolov8', 'yolov5'])('%s: occlusion asks about the same place', async (name) => {
    const { expected } = readNet(name);
    const model = await load(name);
    const options = { targets: ['box:1'], methods: ['occlusion'] as const };
    const { explanations } = await explain(model, toImage(expected.pixels), options);
    model.dispose();
    const { occlusion } = expected.cases['box:1']!;
    expectClose(explanations[0]!.raw, decodeArray(occlusion!), GRADIENTS);
  });

  test('what was asked and is not there is said, without a map', async () => {
    const { expected } = readNet('yolov8');
    const model = await load('yolov8', { ...stated['yolov8'], boxes: { score: 0.999999 } });
    const image = toImage(expected.pixels);
    const { predictions, explanations } = await explain(model, image, {
      targets: ['top1', 'box:2', 'cow'],
      methods: ['grad-cam', 'eigen-cam'],
      layers: ['features'],
    });
    model.dispose();
    expect(predictions).toEqual([]);
    const [cam, eigen, second, , ofCow] = explanations;
    const best = expected.found[0]!.score.toPrecision(3);
    expect(cam!.diagnostics.blank).toContain(`a score of 0.999999 or more in this image, the best has ${Number(best)}`); // prettier-ignore
    expect(cam!.target).toEqual({ kind: 'box', index: -1, box: 1 });
    expect(second!.target).toEqual({ kind: 'box', index: -1, box: 2 });
    expect(ofCow!.target).toEqual({ kind: 'box', index: 2, label: 'cow' });
    // Eigen-CAM is of no target, and works on a picture in which nothing is found.
    expect(eigen!.raw.data.some((value) => value > 0)).toBe(true);
    expect(eigen!.diagnostics.blank).toBeUndefined();
  });
});

test('a class alone is its best box, and top2 the two best', async () => {
  const { files, expected } = readNet('ssd');
  const model = await loadModel(files, { engine: await createEngine('wasm'), ...stated['ssd'] });
  const options = { targets: ['top2', 'bee'], layers: ['features'] };
  const { explanations } = await explain(model, toImage(expected.pixels), options);
  model.dispose();
  const numbers = explanations.map(({ target }) => target.box);
  const ofBee = expected.found.findIndex((one) => one.class === 2) + 1;
  expect(numbers).toEqual([1, 2, ofBee > 0 ? ofBee : undefined]);
});

test('a GraphModel has boxes too, and occlusion of them', async () => {
  const { files, expected } = readNet('graph');
  const engine = await createGraphModelEngine({ backend: 'wasm' });
  const model = await loadModel(files, { engine });
  const before = tf.memory().numTensors;
  const options = { targets: ['box:1'], methods: ['occlusion'] as const };
  const found = await explain(model, toImage(expected.pixels), options);
  expect(tf.memory().numTensors).toBe(before);
  model.dispose();
  expectBoxes(found.predictions, expected);
  const wanted = expected.cases['box:1']!;
  expect(Math.abs(found.explanations[0]!.score - wanted.score)).toBeLessThan(SCORES);
  expectClose(found.explanations[0]!.raw, decodeArray(wanted.occlusion!), GRADIENTS);
});

test('what is guessed is said: layout, form, units, background', async () => {
  const engine = await createEngine('wasm');
  const said = async (name: string, overrides: ModelOverrides): Promise<string> => {
    const { files, expected } = readNet(name);
    const model = await loadModel(files, { engine, ...overrides });
    const { notes = [] } = await explain(model, toImage(expected.pixels), {
      layers: ['features'],
    });
    model.dispose();
    return [...model.assumptions, ...notes].join('\n');
  };
  expect(await said('yolov8', { classNames: noNames })).toMatch(
    /out is read as boxes, as YOLOv8 writes them: \[7, 40\], box and 3 classes \(--boxes none[^]*in pixels of the model's input, by their values \(else --boxes normalised\)/,
  );
  // One box in each cell, places first: YOLOX and YOLOv6 have an objectness there.
  expect(await said('yolov8-last', { classNames: noNames })).toMatch(
    /YOLOX and YOLOv6 write an objectness before the classes, for which say --boxes yolov5[^]*in shares/,
  );
  expect(await said('yolox', { classNames: noNames })).toMatch(
    /as the heads of YOLOX give them, not decoded: \[42, 8\], offsets in the cells of strides 8, 16 and 32,[^]*\(--boxes yolov5 if they are decoded/,
  );
  expect(await said('yolov5', { classNames: noNames })).toMatch(
    /as YOLOv5 writes them: \[120, 8\]/,
  );
  expect(await said('ssd', { classNames: noNames })).toMatch(
    /scores and yxyx_shares are read as scores and boxes of 40 places[^]*class 0 is taken for the background[^]*corners, by their values, with y before x[^]*in shares/,
  );
  expect(await said('ssd-scores', stated['ssd-scores']!)).toMatch(
    /scores are beyond 0\.\.1, so each goes through a sigmoid/,
  );
});

test('--boxes none leaves numbers, which element: explains', async () => {
  const { files, expected } = readNet('yolov8');
  const engine = await createEngine('wasm');
  const model = await loadModel(files, { engine, boxes: { layout: 'none' } });
  const image = toImage(expected.pixels);
  await expect(explain(model, image, { targets: ['box:1'] })).rejects.toThrow(
    /target box:1: expected an output of boxes as YOLO or SSD write them[^]*numbers \[7, 40\][^]*element:<i,j,\.\.>/,
  );
  const first = expected.found[0]!;
  const { explanations } = await explain(model, image, {
    targets: [`element:${4 + first.class},${first.place}`],
    layers: ['features'],
  });
  model.dispose();
  const wanted = expected.cases['box:1']!;
  expectClose(explanations[0]!.raw, decodeArray(wanted.gradCam!), GRADIENTS, wanted.camScale);
});

test('YOLOX gets pixels as its own program gives them, where nobody states others', async () => {
  const engine = await createEngine('wasm');
  const { files } = readNet('yolox');
  const model = await loadModel(files, { engine });
  expect(model.input).toMatchObject({
    ...{ scale: 1, mean: [0, 0, 0], std: [1, 1, 1], channelOrder: 'bgr' },
    ...{ fit: 'letterbox', pad: [114, 114, 114] },
  });
  const said = model.assumptions.join('\n');
  expect(said).toMatch(/pixels go in as 0\.\.255, as YOLOX's own program gives them since/);
  expect(said).toMatch(/channels are BGR .*\n.*letterboxed on gray 114/);
  model.dispose();
  const other = await loadModel(files, { engine, ...stated['yolox'] });
  expect(other.input).toMatchObject({ channelOrder: 'rgb', fit: 'crop' });
  expect(other.assumptions.join('\n')).not.toContain("YOLOX's own program");
  other.dispose();
});
