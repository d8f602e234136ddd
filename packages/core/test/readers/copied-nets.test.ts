import * as tf from '@tensorflow/tfjs-core';
import * as ort from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { batchItem, type NdArray } from '../../src/base/nd-array.ts';
import { compileGraph } from '../../src/engines/onnx/compile.ts';
import { createOnnxEngine } from '../../src/engines/onnx/index.ts';
import { exportOnnx } from '../../src/export/export-onnx.ts';
import { weightChannels } from '../../src/methods/grid/map-algebra.ts';
import { computeAblationCam } from '../../src/methods/multi-pass/ablation-cam.ts';
import { reportCapabilities } from '../../src/model/capabilities.ts';
import type { Model } from '../../src/model/description.ts';
import { loadModel, resolveLayer } from '../../src/model/model.ts';
import { openOnnxFile } from '../../src/model/open-onnx-file.ts';
import { parseOnnxModel } from '../../src/readers/onnx-file/proto/parse-model.ts';
import { listOpaqueCalls } from '../../src/network/opaque-call.ts';
import { camScale, expectClose } from '../helper/closeness.ts';
import { createEngine } from '../helper/engines.ts';
import { handMadeOnnx, node } from '../helper/hand-made-onnx.ts';
import { decodeArray, readFixture, readFixtureBytes, type StoredArray } from '../helper/fixture.ts';

/**
 * ONNX files with nodes that no reader knows: before the explained layer, behind it, in a branch, of ONNX
 * Runtime's own domain, with several outputs, on images with their channels first. PyTorch computes each
 * net (`tools/oracles/write_copied_fixtures.py`), and ONNX Runtime runs the untouched file.
 */
interface Expectation {
  readonly layer: string;
  /** A layer before the node that is copied; null where the node comes first. */
  readonly early: string | null;
  readonly class: number;
  readonly input: StoredArray;
  readonly scores: StoredArray;
  readonly gradient: StoredArray;
  readonly gradCam: StoredArray;
  readonly ablationCam?: StoredArray;
}

/** Of the largest value: three layers of float32 sums, each of some tens of roundings (2^-24). */
const THREE_LAYERS = 1e-5;

/** Ablation-CAM divides differences of scores, of which a tenth may be left, by a score. */
const DIFFERENCES = 1e-4;

/** Numbers of element types in onnx.proto. */
const [UINT8, INT8] = [2, 3];

/** Each net, and the operators of its nodes that are copied. */
const nets = {
  before: ['CumSum'],
  behind: ['CumSum'],
  residual: ['LpPool'],
  contrib: ['com.microsoft.FusedConv'],
  several: ['TopK', 'Add', 'Div'],
  between: ['LpPool'],
  apart: ['GridSample'],
} as const;

describe.each(Object.keys(nets) as (keyof typeof nets)[])('%s', (name) => {
  const expected = readFixture<Expectation>(`copied/${name}.json`);
  const input = decodeArray(expected.input);
  let bytes: Uint8Array;
  let model: Model;

  beforeAll(async () => {
    bytes = await readFixtureBytes(`copied/${name}.onnx`);
    model = await loadModel(openOnnxFile(bytes), { engine: await createEngine('onnx') });
  });
  afterAll(() => model.dispose());

  const nodeOf = (layer: string): string => resolveLayer(model, layer).node;
  const seeds = [{ score: 'logit', of: { class: expected.class } } as const];
  const run = (wrt: readonly string[], outputs: readonly string[] = []) =>
    model.session.run({
      ...{ inputs: { x: input }, outputs },
      ...(wrt.length > 0 && { gradient: { seeds, wrt, relu: 'plain' } as const }),
    });

  test('copies what it cannot translate, and computes what ONNX Runtime and PyTorch compute', async () => {
    expect(listOpaqueCalls(model.network).map(({ className }) => className)).toEqual(nets[name]);
    expect(model.proof).toMatch(/the translation computes what the file says/);
    const { logits } = await run([]);
    expectClose(logits, decodeArray(expected.scores), THREE_LAYERS);
    for (const item of [0, 1]) {
      const untouched = await runUntouched(bytes, batchItem(input, item));
      expectClose(batchItem(logits, item), untouched, THREE_LAYERS);
    }
  });

  test('has the gradient and Grad-CAM of PyTorch behind the copied nodes', async () => {
    const node = nodeOf(expected.layer);
    const { outputs, gradients } = await run([node], [node]);
    const gradient = gradients[0]!.get(node)!;
    expectClose(gradient, decodeArray(expected.gradient), THREE_LAYERS);
    for (const item of [0, 1]) {
      const activation = batchItem(outputs.get(node)!, item);
      const weights = meanOverCells(batchItem(gradient, item));
      const scale = camScale(activation, (_, channel) => weights[channel]!);
      const map = batchItem(decodeArray(expected.gradCam), item);
      expectClose(weightChannels(activation, weights), map, THREE_LAYERS, scale);
    }
  });

  test('takes several scores of one picture at once', async () => {
    const node = nodeOf(expected.layer);
    const one = { shape: [1, ...input.shape.slice(1)], data: batchItem(input, 0).data };
    const both = [{ score: 'logit', of: { class: 0 } } as const, ...seeds];
    const { gradients } = await model.session.run({
      ...{ inputs: { x: one }, outputs: [] },
      gradient: { seeds: both, wrt: [node], relu: 'plain' },
    });
    expectClose(
      batchItem(gradients[1]!.get(node)!, 0),
      batchItem(decodeArray(expected.gradient), 0),
      THREE_LAYERS,
    );
  });

  if (expected.early !== null) {
    test('refuses gradients before them by name, and has Ablation-CAM there', async () => {
      const layer = expected.early!;
      const report = reportCapabilities(model, layer);
      const own = new Set(report.ownLayers.map((one) => model.network.layers.get(one)));
      const opaque = model.network.nodes.filter(({ op }) => op.kind === 'opaque');
      expect(opaque.filter((one) => own.has(one.name))).toEqual([]);
      expect(own).toContain(nodeOf(layer));
      const gradCam = report.methods.find(({ method }) => method === 'grad-cam');
      const first = nets[name][0];
      expect(gradCam).toMatchObject({
        possible: false,
        reason: expect.stringMatching(
          new RegExp(
            `^node \\S+ \\(${first}\\) is copied from the ONNX file.*layer behind it.*rise`,
          ),
        ) as string,
      });
      for (const method of ['score-cam', 'ablation-cam', 'eigen-cam', 'occlusion', 'rise']) {
        expect(report.methods).toContainEqual({ method, possible: true });
      }
      await expect(run([nodeOf(layer)])).rejects.toThrow(`(${first}) is copied from the ONNX file`);
      for (const item of [0, 1]) {
        const one = { shape: [1, ...input.shape.slice(1)], data: batchItem(input, item).data };
        const { maps } = await computeAblationCam(model.session, one, {
          layer: nodeOf(layer),
          seeds,
        });
        expectClose(maps[0], batchItem(decodeArray(expected.ablationCam!), item), DIFFERENCES);
      }
    });
  }

  test('is exported with its copied nodes, and ONNX Runtime runs the file', async () => {
    const { onnx } = await exportOnnx(openOnnxFile(bytes), {
      ...{ layer: expected.layer, target: expected.class, inputRange: '0..1' },
      runOnnxValues: createOnnxEngine(ort).runOnnxValues!,
    });
    const session = await ort.InferenceSession.create(
      await new Blob([...onnx] as BlobPart[]).bytes(),
    );
    const { shape, data } = input;
    const pixels = Float32Array.from(data.subarray(0, data.length / 2), (value) => 255 * value);
    const found = await session.run({
      image: new ort.Tensor('float32', pixels, [1, ...shape.slice(1)]),
    });
    await session.release();
    const logits = batchItem(decodeArray(expected.scores), 0).data;
    expectClose(
      { shape: [4], data: found['logits']!.data as Float32Array },
      { shape: [4], data: logits },
      THREE_LAYERS,
    );
    const map = batchItem(decodeArray(expected.gradCam), 0);
    expectClose(
      { shape: map.shape, data: found['raw']!.data as Float32Array },
      map,
      10 * THREE_LAYERS,
    );
  });

  test('is refused on tfjs by node name, with the engine that runs it', async () => {
    const tensors = tf.memory().numTensors;
    await expect(
      loadModel(openOnnxFile(bytes), { engine: await createEngine('wasm') }),
    ).rejects.toThrow(new RegExp(`node \\S+ \\(${nets[name][0].split('.').at(-1)}.*--engine onnx`));
    expect(tf.memory().numTensors).toBe(tensors);
  });
});

describe.each([
  ['integers', ['QuantizeLinear', 'QLinearConv', 'DequantizeLinear'], false],
  ['dynamic', ['DynamicQuantizeLinear', 'ConvInteger'], true],
] as const)('a quantised net of %s', (name, operators, isAlone) => {
  test('is computed as ONNX Runtime computes it, and says how it gets gradients', async () => {
    const { input, scores } = readFixture<Pick<Expectation, 'input' | 'scores'>>(
      `copied/${name}.json`,
    );
    const model = await loadModel(openOnnxFile(await readFixtureBytes(`copied/${name}.onnx`)), {
      engine: await createEngine('onnx'),
    });
    try {
      const { network } = model;
      const kinds = listOpaqueCalls(network).map(({ className }) => className);
      expect(kinds).toEqual(expect.arrayContaining([...operators]));
      const x = decodeArray(input);
      const { logits } = await model.session.run({ inputs: { x }, outputs: [] });
      expectClose(logits, decodeArray(scores), THREE_LAYERS);
      // The range of a picture is found from all pictures of a batch.
      expect(model.oneAtATime !== undefined).toBe(isAlone);
      const { methods } = reportCapabilities(model);
      expect(methods.find(({ method }) => method === 'gradient')).toMatchObject({
        reason: expect.stringMatching(/computes with integers.*QuantFormat\.QDQ/) as string,
      });
      // Integers stand for real numbers, so that setting a channel to 0 would not blank it.
      for (const node of network.layers.values()) {
        const { op } = network.nodes.find((one) => one.name === node)!;
        const layout = op.kind === 'opaque' ? op.copied!.outputs[Number(op.output)] : null;
        expect([UINT8, INT8]).not.toContain(layout?.type);
      }
    } finally {
      model.dispose();
    }
  });
});

test('whole numbers pass no gradient, as in PyTorch', async () => {
  const last = [
    node('MatMul', ['flat', 'matrix'], ['product']),
    node('ArgMax', ['flat'], ['place'], { axis: 1 }),
    node('Cast', ['place'], ['real'], { to: 1 }),
    node('Add', ['product', 'real'], ['scores']),
  ];
  const bytes = handMadeOnnx([], [], undefined, last);
  const { session, dispose } = await loadModel(openOnnxFile(bytes), {
    engine: await createEngine('onnx'),
  });
  const data = Float32Array.from({ length: 192 }, (_, i) => i % 3);
  const seeds = [0, 1].map((index) => ({ score: 'logit', of: { class: index } }) as const);
  const { logits, gradients } = await session.run({
    ...{ inputs: { x: { shape: [1, 8, 8, 3], data } }, outputs: [] },
    gradient: { seeds, wrt: ['x'], relu: 'plain' },
  });
  dispose();
  // A tenth of the sum of the means 0, 1 and 2, and the place of the largest.
  for (const score of logits.data) expect(score).toBeCloseTo(0.3 + 2, 6);
  const each = new Float32Array(192).fill(0.1 / 64);
  for (const one of gradients) {
    expectClose(one.get('x'), { shape: [1, 8, 8, 3], data: each }, THREE_LAYERS);
  }
});

test('between convolutions, a copied node takes images as these do: nothing is transposed', async () => {
  const bytes = await readFixtureBytes('copied/between.onnx');
  const { network, session, dispose } = await loadModel(openOnnxFile(bytes), {
    engine: await createEngine('onnx'),
  });
  const names = network.nodes.flatMap(({ weights }) => Object.values(weights));
  const weights = await session.readWeights!([...new Set(names)]);
  dispose();
  const { model } = compileGraph(network, weights, {
    ...{ given: ['x'], outputs: [], derivative: null, batch: null, blocks: true },
    mapped: new Map(),
  });
  const types = parseOnnxModel(model, 'compiled').graph.nodes.map(({ type }) => type);
  // The picture comes with its channels last.
  expect(types.slice(0, 5)).toEqual(['Transpose', 'Conv', 'LpPool', 'Conv', 'Relu']);
  expect(types.slice(5)).not.toContain('Transpose');
});

async function runUntouched(bytes: Uint8Array, { shape, data }: NdArray): Promise<NdArray> {
  const [height = 1, width = 1, channels = 1] = shape;
  const x = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) {
    x[(i % channels) * height * width + Math.floor(i / channels)] = data[i]!;
  }
  const session = await ort.InferenceSession.create(bytes);
  const found = await session.run({
    x: new ort.Tensor('float32', x, [1, channels, height, width]),
  });
  await session.release();
  return { shape: [4], data: found['scores']!.data as Float32Array };
}

function meanOverCells({ shape, data }: NdArray): Float64Array {
  const channels = shape.at(-1)!;
  const mean = new Float64Array(channels);
  data.forEach((value, i) => (mean[i % channels]! += (value * channels) / data.length));
  return mean;
}
