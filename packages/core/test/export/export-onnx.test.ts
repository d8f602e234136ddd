import * as ort from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { softmax } from '../../src/engines/port/probabilities.ts';
import { displayMapOf, explain } from '../../src/explain/explain.ts';
import { loadModel } from '../../src/model/model.ts';
import { createOnnxEngine } from '../../src/engines/onnx/index.ts';
import { exportOnnx, listExportable, type ExportOptions } from '../../src/export/index.ts';
import {
  colourToyModel,
  toyGuidedGradCam,
  toyInputGradients,
  toyMapsAtRelu1,
  toyPicture,
} from '../golden/toy.ts';
import { expectClose, FLOAT32_SUMS, largestDifference } from '../helper/closeness.ts';
import { drawImage, runExported, type Fetched } from '../helper/exported.ts';
import { functionalModel, input, layer } from '../helper/keras-model.ts';
import { filesOf } from '../helper/model-files.ts';
import { createRandom } from '../helper/random.ts';
import { convolution, dense, plainNet, residualNet } from '../helper/small-nets.ts';

/** A softmax in float32 against one in float64. */
const PROBABILITIES = 1e-6;

/** Everything that preprocessing can be: BGR, means and deviations that float32 cannot hold. */
const overrides = {
  mean: [103.939, 116.779, 123.68],
  std: [57.1, 58.2, 59.3],
  channelOrder: 'bgr',
} as const;

const nets = {
  residual: { files: filesOf(residualNet()), height: 9, width: 7, layer: 'sum3', last: 'last' },
  plain: { files: filesOf(plainNet()), height: 8, width: 10, layer: 'depthwise', last: null },
};

describe.each(Object.entries(nets))('the exported %s net', (_, net) => {
  const { files, height, width } = net;
  const image = drawImage(height, width, 5);
  const names = listExportable().map(({ name }) => name);
  const cases = names.filter((name) => name !== 'cam' || net.last !== null);

  test.each(cases)('%s: the library’s numbers to the last bit', async (method) => {
    const at = method === 'cam' ? net.last! : net.layer;
    const exported = await runExported(files, { ...overrides, method, layer: at }, [image]);
    const model = await loadModel(files, { ...overrides, engine: createOnnxEngine(ort) });
    const { explanations, geometry, predictions } = await explain(model, image, {
      methods: [method],
      layers: [at],
    });
    model.dispose();
    const { raw, target, score } = explanations[0]!;
    expect(exported['raw']).toEqual({ shape: [1, ...raw.shape], data: raw.data });
    expect([...exported['class']!.data]).toEqual([BigInt(target.index)]);
    expect([...exported['score']!.data]).toEqual([score]);
    const { values } = displayMapOf(explanations[0]!, geometry);
    expect(exported['heatmap']).toEqual({ shape: [1, height, width], data: values });
    for (const { index, logit, probability } of predictions) {
      expect(exported['logits']!.data[index]).toBe(logit);
      const difference = Math.abs(exported['probabilities']!.data[index]! - probability!);
      expect(difference).toBeLessThanOrEqual(PROBABILITIES);
    }
  });

  test('without float64: the same within the rounding of float32', async () => {
    for (const method of cases) {
      const options = { ...overrides, method, layer: method === 'cam' ? net.last! : net.layer };
      const exact = await runExported(files, options, [image]);
      const single = await runExported(files, { ...options, precision: 'float32' }, [image]);
      expectClose(single['raw'], exact['raw']!, 20 * FLOAT32_SUMS);
      expectClose(single['heatmap'], exact['heatmap']!, 20 * FLOAT32_SUMS);
    }
  });

  test('a batch is its images one by one, and bytes are pixels', async () => {
    const options = { ...overrides, layer: net.layer };
    const images = [image, drawImage(height, width, 6), drawImage(height, width, 7)];
    const together = await runExported(files, { ...options, pixels: 'uint8' }, images);
    for (const [i, one] of images.entries()) {
      const alone = await runExported(files, options, [one]);
      for (const output of ['logits', 'score', 'raw', 'heatmap']) {
        expectClose(takeRow(together, output, i), alone[output]!);
      }
      expect(together['class']!.data[i]).toBe(alone['class']!.data[0]);
    }
  });
});

describe('targets', () => {
  const { files, height, width } = nets.residual;
  const image = drawImage(height, width, 5);
  const at = { ...overrides, layer: nets.residual.layer };
  const of = (target: string | number) => runExported(files, { ...at, target }, [image]);

  test('a class, its counterfactual, a contrast: maps and scores are linear in them', async () => {
    const [one, two, notOne, contrast] = [
      await of(1),
      await of(2),
      await of('not:1'),
      await of('1:2'),
    ];
    const [a, b] = [one['logits']!.data[1]!, one['logits']!.data[2]!];
    expect([one, two, notOne, contrast].map((run) => run['score']!.data[0])).toEqual([
      ...[a, b, -a, Math.fround(a - b)],
    ]);
    expect([one, two, notOne, contrast].map((run) => run['class']!.data[0])).toEqual([
      1n,
      2n,
      1n,
      1n,
    ]);
    expect(notOne['raw']!.data).toEqual(one['raw']!.data.map((value) => -value));
    const difference = one['raw']!.data.map((value, i) => value - two['raw']!.data[i]!);
    expectClose(contrast['raw'], { shape: contrast['raw']!.shape, data: difference });
  });

  test('asked for at run time, each image its own; -1 is the best class', async () => {
    const other = drawImage(height, width, 6);
    const options = { ...at, target: 'input' };
    const asked = await runExported(files, options, [image, other], [2n, -1n]);
    const fixed = await of(2);
    const best = await runExported(files, at, [other]);
    expect([...asked['class']!.data]).toEqual([2n, best['class']!.data[0]]);
    expectClose(takeRow(asked, 'raw', 0), fixed['raw']!);
    expectClose(takeRow(asked, 'raw', 1), best['raw']!);
    await expect(runExported(files, options, [image], [4n])).rejects.toThrow(/GatherElements/);
  });
});

describe('the toy net, computed by hand', () => {
  const files = filesOf(colourToyModel());
  const run = (options: ExportOptions) =>
    runExported(files, { inputRange: '0..255', ...options }, [toyPicture]);

  test.each([
    ['gradient', toyInputGradients.plain],
    ['guided-backprop', toyInputGradients.guided],
    ['deconvnet', toyInputGradients.deconvnet],
    ['guided-grad-cam', toyGuidedGradCam],
  ] as const)('%s', async (method, golden) => {
    const { raw, score } = await run({ method });
    const red = golden.flat().flatMap((value) => [value, 0, 0]);
    expect([...raw!.data]).toEqual(red);
    expect([...score!.data]).toEqual([54]);
  });

  test.each(
    Object.entries(toyMapsAtRelu1).filter(([name]) =>
      listExportable().some((method) => method.name === name),
    ),
  )('%s', async (method, golden) => {
    const { raw } = await run({ method });
    // Six decimals of the golden values.
    expectClose(raw, { shape: [1, 2, 2], data: golden.flat() }, 1e-6);
  });

  test('half-pixel bilinear, divided by the raw maximum', async () => {
    const { heatmap } = await run({ method: 'hires-cam' });
    // Cells [0, 4; 25, 25] at 1/4 and 3/4 of a cell, edges repeated.
    const corners = [0, 3, 12, 15].map((i) => heatmap!.data[i]);
    expect(corners).toEqual([0, Math.fround(4 / 25), 1, 1]);
    const [top, bottom] = [0.75 * 0 + 0.25 * 4, 25];
    expect(heatmap!.data[5]).toBeCloseTo((0.75 * top + 0.25 * bottom) / 25, 6);
  });

  test('a map without evidence is zero, not NaN', async () => {
    // The counterfactual of a map without negative cells has no positive one.
    const { raw, heatmap } = await run({ target: 'not:0' });
    expect([...raw!.data].map((value) => value + 0)).toEqual([0, -4, -28, -32.5]);
    expect([...heatmap!.data]).toEqual(new Array(16).fill(0));
  });
});

test('probabilities: sigmoid where the model has one, else softmax', async () => {
  const image = drawImage(8, 10, 5);
  const random = createRandom(8);
  const sigmoidNet = functionalModel([
    input('image', 8, 10, 3),
    convolution(random, 'conv', [3, 3], 3, 4, { activation: 'relu' }),
    layer('GlobalAveragePooling2D', 'mean'),
    dense(random, 'tags', 4, 3, { activation: 'sigmoid' }),
  ]);
  const tags = await runExported(filesOf(sigmoidNet), {}, [image]);
  const sigmoids = tags['logits']!.data.map((logit) => 1 / (1 + Math.exp(-logit)));
  const linear = await runExported(nets.plain.files, {}, [image]);
  const softmaxes = Float32Array.from(softmax(linear['logits']!.data));
  for (const [{ probabilities }, expected] of [
    [tags, sigmoids],
    [linear, softmaxes],
  ] as const) {
    expect(largestDifference(probabilities!.data, expected, 1)).toBeLessThanOrEqual(PROBABILITIES);
  }
});

test('several classes in one file are refused', async () => {
  await expect(exportOnnx(nets.plain.files, { target: 'top2' })).rejects.toMatchObject({
    kind: 'argument',
    message: expect.stringContaining("export with target 'input'"),
  });
});

function takeRow(fetched: Fetched, output: string, row: number) {
  const { shape, data } = fetched[output]!;
  const size = data.length / shape[0]!;
  return { shape: [1, ...shape.slice(1)], data: data.subarray(row * size, (row + 1) * size) };
}
