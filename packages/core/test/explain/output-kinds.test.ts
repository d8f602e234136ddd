import * as tf from '@tensorflow/tfjs-core';
import { readdirSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../../src/engines/port/engine.ts';
import { explain } from '../../src/explain/explain.ts';
import type { RgbImage } from '../../src/image/rgb-image.ts';
import { loadModel, type Model } from '../../src/model/model.ts';
import type { ModelFiles } from '../../src/readers/model-files.ts';
import { mainHead } from '../../src/network/network.ts';
import { toProbabilities } from '../../src/engines/port/probabilities.ts';
import { expectClose, FLOAT32_SUMS } from '../helper/closeness.ts';
import { createEngine, engineNames } from '../helper/engines.ts';
import { runExported } from '../helper/exported.ts';
import { decodeArray, readFixture, readFixtureBytes, type StoredArray } from '../helper/fixture.ts';

/** Written by `tools/oracles/output_kinds.py`: one net for each kind of output, by Keras. */
interface Expected {
  readonly pixels: { readonly shape: readonly number[]; readonly uint8: string };
  readonly outputs: Readonly<Record<string, StoredArray>>;
  readonly logits: StoredArray;
  readonly cases: Readonly<
    Record<
      string,
      {
        readonly score: number;
        readonly gradientNorm: number;
        readonly cells: number;
        readonly gradCam: StoredArray;
      }
    >
  >;
}

/** A sum over up to 92 places, each with roundings of its own. */
const SUMS_OF_PLACES = 10 * FLOAT32_SUMS;

const folder = new URL('../fixtures/outputs/', import.meta.url);
const nets = readdirSync(folder);

function readNet(name: string): { files: ModelFiles; image: RgbImage; expected: Expected } {
  const expected = readFixture<Expected>(`outputs/${name}/expected.json`);
  const [height = 0, width = 0] = expected.pixels.shape;
  const data = Uint8Array.from(Buffer.from(expected.pixels.uint8, 'base64'));
  const files = {
    location: name,
    readFile: (path: string) => readFixtureBytes(`outputs/${name}/${path}`),
  };
  return { files, image: { width, height, channels: 3, data }, expected };
}

describe.each(engineNames)('on %s', (engineName) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await createEngine(engineName);
  });

  const load = (files: ModelFiles, output?: string): Promise<Model> =>
    loadModel(files, { engine, ...(output === undefined ? {} : { output }) });

  test.each(nets)(
    '%s: scores in the order of the model, and its own probabilities',
    async (name) => {
      const { files, image, expected } = readNet(name);
      const model = await load(files);
      const values = { shape: [1, image.height, image.width, 3], data: new Float32Array(0) };
      values.data = Float32Array.from(image.data, (value) => value / 255);
      const [input] = model.network.inputs as [string];
      const { logits } = await model.session.run({ inputs: { [input]: values }, outputs: [] });
      model.dispose();
      expectClose(
        { ...logits, shape: decodeArray(expected.logits).shape },
        decodeArray(expected.logits),
      );
      const head = mainHead(model.network);
      const [first] = Object.values(expected.outputs) as [StoredArray];
      if (head.activation === 'linear') return;
      const probabilities = toProbabilities(logits.data, head);
      expectClose({ shape: first.shape, data: probabilities }, decodeArray(first));
    },
  );

  const targets = nets.flatMap((name) =>
    Object.keys(readNet(name).expected.cases).map((target) => [name, target] as const),
  );
  test.each(targets)('%s, %s: score, gradient and Grad-CAM of TensorFlow', async (name, target) => {
    const { files, image, expected } = readNet(name);
    const before = tf.memory().numTensors;
    const model = await load(files);
    const { explanations } = await explain(model, image, {
      targets: [target],
      layers: ['features'],
    });
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
    const wanted = expected.cases[target]!;
    const [explanation] = explanations;
    const scale = Math.max(1, wanted.cells);
    expect(Math.abs(explanation!.score - wanted.score) / scale).toBeLessThan(SUMS_OF_PLACES);
    const norm = explanation!.diagnostics.gradientNorm ?? NaN;
    expect(Math.abs(norm - wanted.gradientNorm) / wanted.gradientNorm).toBeLessThan(SUMS_OF_PLACES);
    expectClose(explanation!.raw, decodeArray(wanted.gradCam), SUMS_OF_PLACES);
  });
});

/** Places whose best class it is, by the oracle's scores. */
function countPlaces(logits: Float32Array, channels: number): number[] {
  const counts = new Array<number>(channels).fill(0);
  for (let first = 0; first < logits.length; first += channels) {
    const place = logits.subarray(first, first + channels);
    counts[place.indexOf(Math.max(...place))]! += 1;
  }
  return counts;
}

describe.each(['wasm', 'onnx'] as const)('what is told on %s', (engineName) => {
  test('a segmentation: classes by their share of the picture, top1 the largest', async () => {
    const { files, image, expected } = readNet('segmentation');
    const model = await loadModel(files, { engine: await createEngine(engineName) });
    const { predictions, explanations } = await explain(model, image, {
      targets: ['top1', 'top2', 'region:3@23,17,1,1'],
      layers: ['features'],
    });
    model.dispose();
    const counts = countPlaces(decodeArray(expected.logits).data, 4);
    const order = [0, 1, 2, 3].sort((a, b) => counts[b]! - counts[a]!);
    expect(predictions.map(({ index }) => index)).toEqual(order);
    predictions.forEach(({ index, share }) => expect(share).toBe(counts[index]! / 108));
    const targets = explanations.map(({ target }) => [target.kind, target.index]);
    expect(targets.slice(0, 3)).toEqual([
      ['region', order[0]],
      ['region', order[0]],
      ['region', order[1]],
    ]);
    expect(explanations[3]!.target).toEqual({
      kind: 'region',
      index: 3,
      at: { x: 23, y: 17, width: 1, height: 1 },
    });
  });

  test('a region that the picture has not is blank, and says so', async () => {
    const { files, image } = readNet('segmentation');
    const model = await loadModel(files, { engine: await createEngine(engineName) });
    const { explanations } = await explain(model, image, {
      // A rectangle between two centres of cells.
      targets: ['region:0@1.2,1.2,1,1'],
      layers: ['features'],
    });
    model.dispose();
    const { score, diagnostics } = explanations[0]!;
    expect([score, diagnostics.gradientNorm]).toEqual([0, 0]);
    expect(diagnostics.blank).toBe(
      'no place inside the rectangle is of this class, so there is nothing to explain',
    );
  });

  test('methods that change the picture ask about the places of the unchanged one', async () => {
    const { files, image, expected } = readNet('segmentation');
    const model = await loadModel(files, { engine: await createEngine(engineName) });
    const before = tf.memory().numTensors;
    // The same places by the oracle's scores, as a function that does not look at the changed picture.
    const { data } = decodeArray(expected.logits);
    const isOf2 = data.map((_, i) => {
      const place = data.subarray(i - (i % 4), i - (i % 4) + 4);
      return i % 4 === 2 && place.indexOf(Math.max(...place)) === 2 ? 1 : 0;
    });
    const fixed = {
      name: 'the places of class 2',
      score: ({ logits }: { logits: Float64Array }) =>
        logits.reduce((sum, value, i) => sum + value * isOf2[i]!, 0),
      gradient: () => isOf2,
    };
    const { explanations } = await explain(model, image, {
      layers: ['features'],
      methods: ['ablation-cam', 'score-cam', 'occlusion'],
      targets: ['region:2', fixed],
    });
    expect(tf.memory().numTensors).toBe(before);
    model.dispose();
    explanations.slice(0, 3).forEach(({ raw, method }, i) => {
      const other = explanations[3 + i]!;
      expect(other.method).toBe(method);
      expectClose(raw, other.raw, SUMS_OF_PLACES);
    });
  });

  test('one number: no probability, and top1 is the number', async () => {
    const { files, image, expected } = readNet('regression');
    const model = await loadModel(files, { engine: await createEngine(engineName) });
    const { predictions, explanations } = await explain(model, image);
    model.dispose();
    const value = expect.closeTo(expected.cases['value']!.score, 5);
    expect(predictions).toEqual([{ index: 0, value, logit: value }]);
    expect(explanations[0]!.target).toEqual({ kind: 'value', index: -1 });
    expect(explanations[0]!.diagnostics.probability).toBeUndefined();
  });

  test('of several outputs the first is explained and all are named, or the one that is asked for', async () => {
    const { files, image, expected } = readNet('two-heads');
    const engine = await createEngine(engineName);
    const first = await loadModel(files, { engine });
    first.dispose();
    expect(first.assumptions).toContain(
      'of the outputs age (a softmax over 3 classes), kind (a softmax over 5 classes) the first is explained (choose with --output kind)',
    );
    const second = await loadModel(files, { engine, output: 'kind' });
    expect(second.assumptions.join()).not.toContain('outputs');
    const { predictions } = await explain(second, image, { layers: ['features'] });
    second.dispose();
    const { data } = decodeArray(expected.outputs['kind']!);
    for (const { index, probability } of predictions)
      expect(probability).toBeCloseTo(data[index]!, 6);
  });
});

describe('exported', () => {
  test.each(nets)('%s: logits and probabilities in the order of the model', async (name) => {
    const { files, image, expected } = readNet(name);
    const target = 'element:0';
    const exported = await runExported(files, { layer: 'features', target }, [image]);
    const logits = decodeArray(expected.logits);
    expectClose({ shape: logits.shape, data: exported['logits']!.data }, logits);
    const [output] = Object.values(expected.outputs) as [StoredArray];
    // The oracle's output of a net that ends in scores is these scores.
    if (output.float32 === expected.logits.float32) return;
    const { data } = exported['probabilities']!;
    expectClose({ shape: output.shape, data }, decodeArray(output));
  });

  test.each([
    ['binary', '0'],
    ['binary', '1'],
    ['binary', 'not:1'],
    ['labels', '3'],
    ['regression', 'value'],
    ['table', 'element:2,3'],
    ['segmentation', 'element:8,11,3'],
  ])('%s, %s: score and Grad-CAM of TensorFlow', async (name, target) => {
    const { files, image, expected } = readNet(name);
    const exported = await runExported(files, { layer: 'features', target }, [image]);
    const { score, gradCam } = expected.cases[target]!;
    expect(Math.abs(exported['score']!.data[0]! - score)).toBeLessThan(SUMS_OF_PLACES);
    const raw = decodeArray(gradCam);
    expectClose({ shape: raw.shape, data: exported['raw']!.data }, raw, SUMS_OF_PLACES);
  });

  test('a region cannot be fixed in a file, and the error says what can', async () => {
    const { files } = readNet('segmentation');
    await expect(runExported(files, { target: 'region:1' }, [])).rejects.toThrow(
      'export element:<i,j,..> of the output [9, 12, 4]',
    );
  });
});
