import * as ort from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { createOnnxEngine } from '../../src/engines/onnx/create-engine.ts';
import { createRandom } from '../../src/base/random.ts';
import { encodeModel, type OnnxNode } from '../../src/engines/onnx/proto/onnx-model.ts';
import { loadModel } from '../../src/model/model.ts';
import { openOnnxFile } from '../../src/model/open-onnx-file.ts';
import { differenceOf, PROOF_TOLERANCE, roundingOf } from '../../src/model/proof-difference.ts';
import { allowedOf } from '../../src/model/proof-sensitivity.ts';
import { floats, node } from '../helper/hand-made-onnx.ts';
import { nodeNet } from '../helper/node-net.ts';

/** A net of one pixel with two channels, whose node `scores` is what the test names. */
function net(...last: Parameters<typeof nodeNet>[0]) {
  const shape = [1, 1, 2];
  return nodeNet([
    { name: 'x', op: { kind: 'input' }, shape },
    { name: 'sigmoid', op: { kind: 'sigmoid' }, inputs: ['x'], shape },
    ...last,
  ]).network;
}

describe('rounding of probabilities', () => {
  const value = { name: 'y', node: 'y', shape: [1, 2], order: [0, 1], isLogarithm: false };
  const array = (...numbers: number[]) => ({ shape: [1, 2], data: Float32Array.of(...numbers) });

  test('two steps of 2^-24 are no difference of a sigmoid, but a difference of other values', () => {
    const [file, own] = [array(1e-6, 0), array(1e-6, 2 ** -23)];
    const allowed = roundingOf(net(), 'sigmoid');
    expect(differenceOf(value, file, own, allowed)).toBe(0);
    expect(differenceOf(value, file, own, roundingOf(net(), 'x'))).toBeGreaterThan(PROOF_TOLERANCE);
  });

  test('a difference above the rounding counts whole', () => {
    const allowed = roundingOf(net(), 'sigmoid');
    expect(differenceOf(value, array(1e-6, 0), array(2e-6, 0), allowed)).toBeCloseTo(1, 5);
    expect(differenceOf(value, array(1e-6, 0), array(NaN, 0), allowed)).toBe(Infinity);
  });

  test('probabilities that are moved and multiplied have it, sums of them have not', () => {
    const shape = [2];
    const moved = net(
      { name: 'flat', op: { kind: 'reshape' }, inputs: ['sigmoid'], shape },
      { name: 'squares', op: { kind: 'multiply' }, inputs: ['flat', 'flat'], shape },
      { name: 'sum', op: { kind: 'add' }, inputs: ['flat', 'squares'], shape },
    );
    expect(roundingOf(moved, 'squares')).toBeGreaterThan(0);
    expect(roundingOf(moved, 'sum')).toBe(0);
  });
});

/** A convolution with 8 filters, then `last`, which takes `sums` [n, 8, 32, 32] and makes `scores`. */
function convolution(
  last: readonly OnnxNode[],
  numbers: Readonly<Record<string, number>>,
): Uint8Array {
  const random = createRandom(1);
  const data = Float32Array.from({ length: 8 * 3 * 9 }, () => random() - 0.5);
  return encodeModel({
    name: 'net',
    graph: {
      nodes: [node('Conv', ['x', 'kernel'], ['sums'], { pads: [1, 1, 1, 1] }), ...last],
      initializers: [
        { name: 'kernel', shape: [8, 3, 3, 3], data },
        ...Object.entries(numbers).map(([name, value]) => floats(name, [], value)),
      ],
      inputs: [{ name: 'x', type: 'float32', shape: ['n', 3, 32, 32] }],
      outputs: [{ name: 'scores', type: 'float32', shape: ['n', 8, 32, 32] }],
    },
    domains: {},
  });
}

async function proofOf(file: Uint8Array): Promise<string> {
  const model = await loadModel(openOnnxFile(file), { engine: createOnnxEngine(ort) });
  model.dispose();
  return model.proof!;
}

test('a file whose sigmoids are all near zero is opened', async () => {
  // ONNX Runtime computes a sigmoid of 1e-7 in steps of 3e-8, and the logits differ by roundings.
  const last = [node('Sub', ['sums', 'low'], ['logits']), node('Sigmoid', ['logits'], ['scores'])];
  const proof = await proofOf(convolution(last, { low: 16 }));
  expect(proof).toContain('the translation computes what the file says');
  expect(proof).toContain('0.0001 is allowed');
});

test('a net that enlarges the roundings of its first layer is opened, and its proof says so', async () => {
  // The gain of 20,000 turns roundings of 1e-7 into 2e-3 of a logit, and of 5e-4 of a sigmoid.
  const last = [node('Mul', ['sums', 'gain'], ['logits']), node('Sigmoid', ['logits'], ['scores'])];
  const proof = await proofOf(convolution(last, { gain: 20_000 }));
  expect(proof).toContain('the translation computes what the file says');
  expect(proof).toMatch(/is allowed: changes of the pixels' last digits alone change it by/);
});

test('a difference is never taken for rounding if it is large, or far above the effect of roundings', () => {
  const allowed = (sensitivity: number) =>
    allowedOf({ name: 'y', error: 0, sensitivity }, PROOF_TOLERANCE);
  expect(allowed(0)).toBe(PROOF_TOLERANCE);
  expect(allowed(1e-3)).toBeLessThan(5e-3);
  expect(allowed(1)).toBeLessThan(5e-2);
});
