import * as ort from 'onnxruntime-node';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { batchItem } from '../../src/base/nd-array.ts';
import { explain } from '../../src/explain/explain.ts';
import { exportOnnx } from '../../src/export/index.ts';
import { computeHiResCam } from '../../src/methods/grid/hires-cam.ts';
import { cellsAt } from '../../src/methods/passes/layer-cells.ts';
import { valuesAtLayer } from '../../src/methods/passes/seed-gradients.ts';
import { findPeak } from '../../src/image/localise/peak.ts';
import { loadModel, resolveLayer } from '../../src/model/model.ts';
import { openOnnxFile } from '../../src/model/open-onnx-file.ts';
import { readsCells } from '../../src/network/grid/grid.ts';
import type { GraphNode, Network } from '../../src/network/network.ts';
import { noPadding } from '../../src/network/op.ts';
import { listTaps } from '../../src/network/taps.ts';
import { expectClose, largestDifference } from '../helper/closeness.ts';
import { createEngine } from '../helper/engines.ts';
import { decodeArray, readFixture, readFixtureBytes, type StoredArray } from '../helper/fixture.ts';

/** Nets of tokens, and maps by PyTorch in float64 (`tools/oracles/write_token_fixtures.py`). */
interface Expectation {
  readonly class: number;
  readonly grid: readonly [number, number];
  readonly before: number;
  readonly input: StoredArray;
  readonly logits: StoredArray;
  readonly layers: Readonly<Record<string, LayerExpectation>>;
}

interface LayerExpectation {
  readonly items: readonly Readonly<Record<string, { map: StoredArray; scale: number }>>[];
}

/**
 * Of the largest sum of magnitudes in a cell. Two blocks of float32 sums with normalisations, each of some
 * tens of roundings (2^-24); a map of other tokens is off by 1e-1.
 */
const TWO_BLOCKS = 1e-5;

/**
 * XGrad-CAM divides by a channel's sum, which is near 0 for some of these signed activations; Ablation-CAM
 * takes the difference of two scores, of which few digits are left.
 */
const DIVIDED = 1e-4;
const divided = ['ablation-cam', 'xgrad-cam'];

/** Two layers with 64 channels take a pass for each, twice. */
const SLOW_MACHINE = 60_000;

const folder = fileURLToPath(new URL('../fixtures/tokens/', import.meta.url));
const files = readdirSync(folder).filter((name) => name.endsWith('.onnx'));

describe.each(files)('%s', { timeout: SLOW_MACHINE }, (file) => {
  const expected = readFixture<Expectation>(`tokens/${file.split('.')[0]}.json`);
  const layers = Object.keys(expected.layers);

  test.each(['onnx', 'wasm'] as const)('maps are what autograd says, on %s', async (name) => {
    const engine = await createEngine(name);
    const bytes = await readFixtureBytes(`tokens/${file}`);
    const model = await loadModel(openOnnxFile(bytes), { engine });
    try {
      expect(resolveLayer(model, 'auto').node).toBe(resolveLayer(model, layers[0]!).node);
      const input = decodeArray(expected.input);
      const [height = 0, width = 0] = input.shape.slice(1);
      const size = { width, height };
      const geometry = { image: size, input: size, view: { x: 0, y: 0, ...size } };
      for (const item of [0, 1]) {
        const { shape, data } = batchItem(input, item);
        const methods = Object.keys(expected.layers[layers[0]!]!.items[item]!);
        const { explanations } = await explain(
          model,
          { values: { shape: [1, ...shape], data }, geometry },
          { methods, layers, targets: [expected.class] },
        );
        expect(explanations).toHaveLength(methods.length * layers.length);
        const misses = explanations.flatMap(({ method, layer, raw }) => {
          const { map, scale } = expected.layers[layer]!.items[item]![method]!;
          const values = decodeArray(map);
          expect(raw.shape).toEqual(expected.grid);
          const error = largestDifference(raw.data, values.data, scale);
          const tolerance = divided.includes(method) ? DIVIDED : TWO_BLOCKS;
          return error <= tolerance ? [] : [`${method} at ${layer}: ${error}`];
        });
        expect(misses).toEqual([]);
      }
    } finally {
      model.dispose();
    }
  });

  test('two items at once have the cells that each has alone', async () => {
    const engine = await createEngine('onnx');
    const model = await loadModel(openOnnxFile(await readFixtureBytes(`tokens/${file}`)), {
      engine,
    });
    const { network, session } = model;
    const { node } = resolveLayer(model, 'auto');
    const input = decodeArray(expected.input);
    const of = { class: expected.class };
    const run = async (values: typeof input) => {
      const gradient = {
        seeds: [{ score: 'logit', of }],
        wrt: [node],
        relu: 'plain',
      } as const;
      const inputs = { [network.inputs[0]!]: values };
      const { gradients } = await session.run({ inputs, outputs: [], gradient });
      return cellsAt(network, node, gradients[0]!.get(node)!);
    };
    const both = await run(input);
    expect(both.shape.slice(0, 3)).toEqual([2, ...expected.grid]);
    for (const item of [0, 1]) {
      const { shape, data } = batchItem(input, item);
      const alone = await run({ shape: [1, ...shape], data });
      expectClose(batchItem(both, item), batchItem(alone, 0), TWO_BLOCKS);
    }
    model.dispose();
  });
});

describe('tokens that the scores do not read', { timeout: SLOW_MACHINE }, () => {
  test('are refused by methods that read gradients, with the recommended layer', async () => {
    const engine = await createEngine('onnx');
    const bytes = await readFixtureBytes('tokens/vit.torchscript.onnx');
    const model = await loadModel(openOnnxFile(bytes), { engine });
    const image = {
      width: 48,
      height: 32,
      channels: 3 as const,
      data: new Uint8Array(48 * 32 * 3),
    };
    await expect(explain(model, image, { layers: ['norm'] })).rejects.toThrow(
      "grad-cam: behind layer 'norm' the scores read only tokens that are no part of the picture, such as a class token, so their gradient is zero at all of the picture's tokens; use 'blocks.1.norm1', or eigen-cam, which reads no gradient",
    );
    const { explanations } = await explain(model, image, {
      layers: ['norm'],
      methods: ['eigen-cam'],
    });
    expect(explanations[0]!.raw.shape).toEqual([4, 6]);
    const taps = listTaps(model.network).filter(({ tokens }) => tokens !== undefined);
    const seeds = [{ score: 'logit', of: { class: 3 } }] as const;
    const found = await model.session.run({
      inputs: { [model.network.inputs[0]!]: decodeArray(vit.input) },
      outputs: [],
      gradient: { seeds, wrt: taps.map(({ node }) => node), relu: 'plain' },
    });
    // What is said of the graph is what the gradients are.
    for (const { layer, node } of taps) {
      const cells = cellsAt(model.network, node, found.gradients[0]!.get(node)!);
      const isZero = cells.data.every((value) => value === 0);
      expect([layer, isZero]).toEqual([layer, !readsCells(model.network, node)]);
    }
    model.dispose();
  });
});

const vit = readFixture<Expectation>('tokens/vit.json');

test('the peak lies on the one patch that the score reads, of a picture that is not square', async () => {
  const shape = (size: readonly number[]): { shape: readonly number[]; weights: object } => ({
    ...{ shape: size, weights: {} },
  });
  const window = { strides: [2, 2], dilations: [1, 1], padding: noPadding, groups: 1 } as const;
  const nodes = [
    { name: 'input', op: { kind: 'input' }, inputs: [], ...shape([4, 6, 1]) },
    {
      ...{ name: 'patches', op: { kind: 'conv2d', ...window }, inputs: ['input'] },
      ...{ shape: [2, 3, 1], weights: { kernel: 'kernel' } },
    },
    { name: 'list', op: { kind: 'reshape' }, inputs: ['patches'], ...shape([6, 1]) },
    {
      ...{ name: 'class token', op: { kind: 'constant' }, inputs: [] },
      ...{ shape: [1, 1], weights: { value: 'class token' } },
    },
    {
      ...{ name: 'tokens', op: { kind: 'concatenate', axis: 0 } },
      ...{ inputs: ['class token', 'list'], ...shape([7, 1]) },
    },
    // The class token, then three patches of the first row: this is row 1, column 2.
    {
      ...{ name: 'patch', op: { kind: 'slice', axis: 0, start: 6 } },
      ...{ inputs: ['tokens'], ...shape([1, 1]) },
    },
    { name: 'logits', op: { kind: 'reshape' }, inputs: ['patch'], ...shape([1]) },
  ] as unknown as GraphNode[];
  const head = {
    logits: 'logits',
    probabilities: null,
    activation: 'linear',
    shape: [1],
    classes: 1,
  };
  const network = {
    ...{ name: 'one patch', nodes, inputs: ['input'], heads: [head], notes: [] },
    layers: new Map([['tokens', 'tokens']]),
  } as unknown as Network;
  const engine = await createEngine('cpu');
  const session = await engine.open(
    network,
    new Map([
      ['kernel', { shape: [2, 2, 1, 1], data: new Float32Array(4).fill(1) }],
      ['class token', { shape: [1, 1], data: Float32Array.of(50) }],
    ]),
  );
  expect(listTaps(network)).toEqual([
    {
      ...{ layer: 'tokens', node: 'tokens', shape: [2, 3, 1], op: 'concatenate' },
      ...{ activated: false, tokens: { before: 1, after: 0, axis: 0 } },
    },
  ]);
  const input = { shape: [1, 4, 6, 1], data: new Float32Array(24).fill(1) };
  const seeds = [{ score: 'logit', of: { class: 0 } }] as const;
  const [values] = await valuesAtLayer(session, 'tokens', input, seeds);
  const map = computeHiResCam(values!);
  expect(map).toEqual({ shape: [2, 3], data: Float32Array.of(0, 0, 0, 0, 0, 4) });
  const size = { width: 6, height: 4 };
  const peak = findPeak(map, { image: size, input: size, view: { x: 0, y: 0, ...size } });
  expect(peak.x).toBeGreaterThan(4);
  expect(peak.y).toBeGreaterThan(2);
  session.dispose();
});

test.each(['vit.dynamo.onnx', 'swin-tokens.torchscript.onnx'])(
  'an exported file of %s gives the map that autograd says',
  async (file) => {
    const expected = readFixture<Expectation>(`tokens/${file.split('.')[0]}.json`);
    const files = openOnnxFile(await readFixtureBytes(`tokens/${file}`));
    const { onnx } = await exportOnnx(files, { target: expected.class, inputRange: '0..255' });
    const session = await ort.InferenceSession.create(new Uint8Array(Buffer.concat(onnx)));
    const { shape, data } = batchItem(decodeArray(expected.input), 0);
    const image = new ort.Tensor('float32', data, [1, ...shape]);
    const { raw } = await session.run({ image });
    const { map, scale } = Object.values(expected.layers)[0]!.items[0]!['grad-cam']!;
    const values = decodeArray(map);
    expect(raw!.dims).toEqual([1, ...values.shape]);
    const found = { shape: values.shape, data: raw!.data as Float32Array };
    expectClose(found, values, TWO_BLOCKS, scale);
    await session.release();
  },
  SLOW_MACHINE,
);
