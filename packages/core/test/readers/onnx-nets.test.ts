import * as ort from 'onnxruntime-node';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { NdArray } from '../../src/base/nd-array.ts';
import { loadModel, resolveLayer } from '../../src/model/model.ts';
import { openOnnxFile } from '../../src/model/open-onnx-file.ts';
import { mainHead } from '../../src/network/network.ts';
import { camScale, expectClose } from '../helper/closeness.ts';
import { createEngine } from '../helper/engines.ts';
import { decodeArray, readFixture, readFixtureBytes, type StoredArray } from '../helper/fixture.ts';

/**
 * Nets as PyTorch's exporters write them, against autograd in float64 (`tools/oracles/write_onnx_fixtures.py`).
 */
interface Expectation {
  readonly layer: string;
  /** The recommended layer. */
  readonly auto: string;
  readonly class: number;
  readonly input: StoredArray;
  readonly logits: StoredArray;
  readonly activation: StoredArray;
  readonly weights: StoredArray;
  readonly map: StoredArray;
  readonly plain: StoredArray;
  readonly guided: StoredArray;
}

/**
 * Of the largest value. Ten layers of float32 sums with normalisations between, each of some tens of roundings
 * (2^-24); a wrong tie, padding or layout is off by 1e-2 and more.
 */
const TEN_LAYERS = 1e-5;

const folder = fileURLToPath(new URL('../fixtures/onnx/', import.meta.url));
const files = readdirSync(folder).filter((name) => name.endsWith('.onnx'));

describe.each(files)('%s', (file) => {
  const expected = readFixture<Expectation>(`onnx/${file.split('.')[0]}.json`);
  const index = expected.class;

  test.each(['onnx', 'wasm'] as const)('is what autograd says, on %s', async (name) => {
    const model = await loadModel(openOnnxFile(await readFixtureBytes(`onnx/${file}`)), {
      engine: await createEngine(name),
    });
    try {
      const { node } = resolveLayer(model, expected.layer);
      expect(resolveLayer(model, 'auto').node).toBe(resolveLayer(model, expected.auto).node);
      const input = decodeArray(expected.input);
      const isLogarithm = mainHead(model.network).activation === 'softmax';
      const of = { class: index } as const;
      // A net that ends in the logarithm of a softmax is explained at the scores before it.
      const seeds = [{ score: isLogarithm ? 'logProbability' : 'logit', of } as const];
      const inputs = { [model.network.inputs[0]!]: input };
      const at = async (wrt: string, relu: 'plain' | 'guided'): Promise<NdArray> => {
        const { gradients } = await model.session.run({
          ...{ inputs, outputs: [], gradient: { seeds, wrt: [wrt], relu } },
        });
        return gradients[0]!.get(wrt)!;
      };
      const { logits, outputs } = await model.session.run({ inputs, outputs: [node] });
      expectClose(
        isLogarithm ? logSoftmax(logits) : logits,
        decodeArray(expected.logits),
        TEN_LAYERS,
      );
      const activation = outputs.get(node)!;
      expectClose(activation, decodeArray(expected.activation), TEN_LAYERS);

      const weights = meanOverCells(await at(node, 'plain'));
      expectClose(weights, decodeArray(expected.weights), TEN_LAYERS);
      const [channels = 1, cells = 1] = [
        activation.shape[3],
        activation.shape[1]! * activation.shape[2]!,
      ];
      const weightOf = (cell: number, channel: number): number =>
        weights.data[Math.floor(cell / cells) * channels + channel]!;
      const scale = camScale(activation, weightOf);
      expectClose(weigh(activation, weightOf), decodeArray(expected.map), TEN_LAYERS, scale);

      const image = model.network.inputs[0]!;
      for (const policy of ['plain', 'guided'] as const) {
        expectClose(await at(image, policy), decodeArray(expected[policy]), TEN_LAYERS);
      }
    } finally {
      model.dispose();
    }
  });
});

function meanOverCells({ shape, data }: NdArray): NdArray {
  const [items = 1, height = 1, width = 1, channels = 1] = shape;
  const means = new Float32Array(items * channels);
  data.forEach((value, i) => {
    const item = Math.floor(i / (height * width * channels));
    means[item * channels + (i % channels)]! += value / (height * width);
  });
  return { shape: [items, channels], data: means };
}

function weigh(
  { shape, data }: NdArray,
  weightOf: (cell: number, channel: number) => number,
): NdArray {
  const [items = 1, height = 1, width = 1, channels = 1] = shape;
  const map = new Float32Array(items * height * width);
  for (let cell = 0; cell < map.length; cell++) {
    for (let k = 0; k < channels; k++) map[cell]! += weightOf(cell, k) * data[cell * channels + k]!;
  }
  return { shape: [items, height, width], data: map };
}

function logSoftmax({ shape, data }: NdArray): NdArray {
  const classes = shape[1]!;
  const values = data.map((value, i) => {
    const row = data.subarray(i - (i % classes), i - (i % classes) + classes);
    const largest = Math.max(...row);
    const sum = row.reduce((total, one) => total + Math.exp(one - largest), 0);
    return value - largest - Math.log(sum);
  });
  return { shape, data: values };
}

test('is compared with the file by the runtime, and says so', async () => {
  const bytes = await readFixtureBytes('onnx/resnet.torchscript-open.onnx');
  const model = await loadModel(openOnnxFile(bytes), { engine: await createEngine('onnx') });
  expect(model.proof).toMatch(
    /^the translation computes what the file says: .* within [\d.]+e[-+]\d+ /,
  );
  model.dispose();
  const wasm = await loadModel(openOnnxFile(bytes), { engine: await createEngine('wasm') });
  expect(wasm.proof).toMatch(/not compared with the file, which engine tfjs-wasm does not run/);
  wasm.dispose();
  expect(ort.env.versions.node).toBeDefined();
});
