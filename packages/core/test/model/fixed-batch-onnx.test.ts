import * as ort from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { createOnnxEngine } from '../../src/engines/onnx/index.ts';
import type { OnnxNode, OnnxTensor } from '../../src/engines/onnx/proto/onnx-model.ts';
import { createTfjsEngine } from '../../src/engines/tfjs/index.ts';
import { loadModel } from '../../src/model/model.ts';
import { modelFilesInMemory } from '../../src/readers/model-files.ts';
import { handMadeOnnx, integers, node } from '../helper/hand-made-onnx.ts';

const ITEMS = 4;
const SIZE = 3 * 8 * 8;
/** Float32 through a sum over 64 pixels, of the largest score. */
const CLOSE = 1e-6;

/** A file that takes batches of four pictures of 3 x 8 x 8 and no others. */
function fileOf(nodes: readonly OnnxNode[], tensors: readonly OnnxTensor[] = []): Uint8Array {
  return handMadeOnnx(nodes, tensors, [ITEMS, 3, 8, 8]);
}

const factors = { name: 'factors', shape: [3, 1, 1], data: Float32Array.of(2, -3, 5) };

/** Reshapes whose sizes count the four pictures: alone, and merged with rows, as windows are. */
const reshaping = [
  node('Reshape', ['x', 'rows'], ['a']),
  node('Relu', ['a'], ['b']),
  node('Reshape', ['b', 'windows'], ['c']),
  node('Reshape', ['c', 'image'], ['d']),
  node('Mul', ['d', 'factors'], ['y']),
];
/** The same behind rows that the file adds to each picture, as an export writes a class token. */
const adding = [node('Concat', ['added', 'x'], ['z'], { axis: 2 }), node('Relu', ['z'], ['y'])];
const added = {
  name: 'added',
  shape: [ITEMS, 3, 1, 8],
  data: Float32Array.from({ length: ITEMS * 24 }, (_, i) => (i % 24) / 24),
};
const shapes = [
  integers('rows', [ITEMS, -1]),
  integers('windows', [ITEMS * 12, 16]),
  integers('image', [ITEMS, 3, 8, 8]),
  factors,
];

function pictures(): Float32Array {
  let state = 7;
  return Float32Array.from({ length: ITEMS * SIZE }, () => {
    state = (state * 16807) % 2147483647;
    return state / 2147483647 - 0.3;
  });
}

describe('an ONNX file that takes batches of one size above 1', () => {
  test.each([
    ['reshapes that count pictures', fileOf(reshaping, shapes)],
    ['rows added to each', fileOf(adding, [added])],
  ])('%s: computes each picture as ONNX Runtime does in a batch of four', async (_, bytes) => {
    const data = pictures();
    const session = await ort.InferenceSession.create(bytes);
    const feeds = { x: new ort.Tensor('float32', data, [ITEMS, 3, 8, 8]) };
    const scores = (await session.run(feeds))['scores']!.data as Float32Array;

    const files = modelFilesInMemory({ 'net.onnx': bytes });
    const model = await loadModel(files, { engine: createOnnxEngine(ort) });
    expect(model.assumptions).toContain(
      'input x takes batches of exactly 4: a picture is computed alone, as the file computes the first of a batch',
    );
    expect(model.proof).toMatch(/^the translation computes what the file says/);
    const largest = Math.max(...scores.map(Math.abs));
    for (let item = 0; item < ITEMS; item++) {
      // Channels last, as the network takes them.
      const image = Float32Array.from({ length: SIZE }, (_, i) => {
        return data[item * SIZE + (i % 3) * 64 + Math.floor(i / 3)]!;
      });
      const { logits } = await model.session.run({
        inputs: { x: { shape: [1, 8, 8, 3], data: image } },
        outputs: [],
      });
      logits.data.forEach((score, i) => {
        expect(Math.abs(score - scores[item * 4 + i]!)).toBeLessThan(CLOSE * largest);
      });
    }
    model.dispose();
  });

  test.each([
    [
      'whose pictures are mixed',
      fileOf([
        node('ReduceMean', ['x'], ['mean'], { axes: [0] }),
        node('Sub', ['x', 'mean'], ['y']),
      ]),
    ],
    [
      'whose reshape takes pixels of several pictures together',
      fileOf(
        [node('Reshape', ['x', 'odd'], ['a']), node('Reshape', ['a', 'image'], ['y'])],
        [integers('odd', [3, 256]), integers('image', [ITEMS, 3, 8, 8])],
      ),
    ],
  ])('%s is refused, with what to do', async (_, bytes) => {
    const files = modelFilesInMemory({ 'net.onnx': bytes });
    await expect(loadModel(files, { engine: createOnnxEngine(ort) })).rejects.toMatchObject({
      kind: 'unsupported',
      message: expect.stringMatching(/batches of exactly 4.*export the model with a batch of 1/),
    });
  });

  test('is refused by an engine that does not run the file, since nothing tells whether it mixes', async () => {
    const files = modelFilesInMemory({ 'net.onnx': fileOf(reshaping, shapes) });
    const engine = await createTfjsEngine({ backend: 'cpu' });
    await expect(loadModel(files, { engine })).rejects.toMatchObject({
      kind: 'unsupported',
      message: expect.stringMatching(
        /batches of exactly 4: engine .* cannot tell .*engine onnx can/,
      ),
    });
  });
});
