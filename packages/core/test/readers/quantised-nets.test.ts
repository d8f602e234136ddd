import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { NdArray } from '../../src/base/nd-array.ts';
import { loadModel, resolveLayer } from '../../src/model/model.ts';
import { openOnnxFile } from '../../src/model/open-onnx-file.ts';
import { expectClose } from '../helper/closeness.ts';
import { createEngine } from '../helper/engines.ts';
import { decodeArray, readFixture, readFixtureBytes, type StoredArray } from '../helper/fixture.ts';
import { floats, handMadeOnnx, node } from '../helper/hand-made-onnx.ts';

/**
 * Nets that ONNX Runtime has quantised in the QDQ format, against ONNX Runtime on the untouched file and PyTorch's
 * autograd in float64 (`tools/oracles/write_quantised_fixtures.py`).
 */
interface Expectation {
  readonly class: number;
  readonly layer: string;
  readonly input: StoredArray;
  /** Of the file computed node by node. */
  readonly logits: StoredArray;
  /** Of the kernels with integers that ONNX Runtime makes of the file. */
  readonly logitsOfIntegers: StoredArray;
  readonly activation: StoredArray;
  readonly weights: StoredArray;
  readonly plain: StoredArray;
  readonly guided: StoredArray;
}

/**
 * Of the largest value. All are rounded to the same integers, so what is left are roundings of float32; another
 * integer is off by 4e-3 and more, a clamp that is no ReLU by 1e-2.
 */
const SAME_INTEGERS = 1e-5;

/** Of the largest value, of 127 to 255 steps: kernels with integers round otherwise, by up to three steps here. */
const FOUR_STEPS = 4 / 127;

const folder = fileURLToPath(new URL('../fixtures/quantised/', import.meta.url));
const files = readdirSync(folder).filter((name) => name.endsWith('.onnx'));

describe.each(files)('%s', (file) => {
  const expected = readFixture<Expectation>(`quantised/${file.split('.')[0]}.json`);

  test.each(['onnx', 'wasm'] as const)('is what the file says, on %s', async (name) => {
    const model = await loadModel(openOnnxFile(await readFixtureBytes(`quantised/${file}`)), {
      engine: await createEngine(name),
    });
    try {
      const { node: layer } = resolveLayer(model, expected.layer);
      const image = model.network.inputs[0]!;
      const inputs = { [image]: decodeArray(expected.input) };
      const at = async (wrt: string, relu: 'plain' | 'guided'): Promise<NdArray> => {
        const seeds = [{ score: 'logit', of: { class: expected.class } } as const];
        const { gradients } = await model.session.run({
          ...{ inputs, outputs: [], gradient: { seeds, wrt: [wrt], relu } },
        });
        return gradients[0]!.get(wrt)!;
      };
      const { logits, outputs } = await model.session.run({ inputs, outputs: [layer] });
      expectClose(logits, decodeArray(expected.logits), SAME_INTEGERS);
      expectClose(logits, decodeArray(expected.logitsOfIntegers), FOUR_STEPS);
      expectClose(outputs.get(layer)!, decodeArray(expected.activation), SAME_INTEGERS);
      const weights = meanOverCells(await at(layer, 'plain'));
      expectClose(weights, decodeArray(expected.weights), SAME_INTEGERS);
      for (const policy of ['plain', 'guided'] as const) {
        expectClose(await at(image, policy), decodeArray(expected[policy]), SAME_INTEGERS);
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

test.each([
  ['resnet.onnx', 'layer2.1.relu:1'],
  ['mobilenet-v2.onnx', 'features.4.2'],
])('auto of %s is after the clamp that is its ReLU', async (file, layer) => {
  const model = await loadModel(openOnnxFile(await readFixtureBytes(`quantised/${file}`)), {
    engine: await createEngine('wasm'),
  });
  expect(resolveLayer(model, 'auto').node).toBe(layer);
  expect(
    resolveLayer(model, readFixture<Expectation>(`quantised/${file.slice(0, -5)}.json`).layer).node,
  ).toBe(layer);
  model.dispose();
});

test('the proof of a quantised file allows steps of quantisation, and says so', async () => {
  const model = await loadModel(openOnnxFile(await readFixtureBytes('quantised/resnet.onnx')), {
    engine: await createEngine('onnx'),
  });
  expect(model.proof).toMatch(/\(0.03 is allowed: the file rounds to steps/);
  model.dispose();
});

describe('is refused by name', () => {
  const scale = floats('scale', [], 0.1);
  test.each([
    [
      'the QOperator format',
      [node('QLinearMatMul', ['x', 'scale', 'z', 'x', 'scale', 'z', 'scale', 'z'], ['y'])],
      'QLinearMatMul computes with integers; quantise the model with quantize_static(.., quant_format=QuantFormat.QDQ)',
    ],
    [
      'dynamic quantisation',
      [node('DynamicQuantizeLinear', ['x'], ['y', 's', 'least'])],
      'DynamicQuantizeLinear computes with integers of a range that it finds for each picture',
    ],
    [
      'a scale of zero',
      [
        node('QuantizeLinear', ['x', 'none'], ['q']),
        node('DequantizeLinear', ['q', 'scale'], ['y']),
      ],
      'its scale is not a number above 0',
    ],
  ])('%s', async (_, nodes, message) => {
    const bytes = handMadeOnnx(nodes, [scale, floats('none', [], 0), floats('z', [], 0)]);
    const opened = async (): Promise<unknown> =>
      loadModel(openOnnxFile(bytes), { engine: await createEngine('wasm') });
    await expect(opened()).rejects.toThrow(message);
  });
});
