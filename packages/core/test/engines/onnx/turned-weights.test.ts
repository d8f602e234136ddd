import { describe, expect, test } from 'vitest';
import { transposedArray, type NdArray } from '../../../src/base/nd-array.ts';
import { transposeArray } from '../../../src/engines/onnx/lower/layout.ts';
import { loadModel } from '../../../src/model/model.ts';
import { openOnnxFile } from '../../../src/model/open-onnx-file.ts';
import { createEngine } from '../../helper/engines.ts';
import { floats, handMadeOnnx, node } from '../../helper/hand-made-onnx.ts';

/** [2, 3, 1, 2] as an ONNX file has a kernel: outputs, inputs, height, width. */
const kernel: NdArray = {
  shape: [2, 3, 1, 2],
  data: Float32Array.from({ length: 12 }, (_, i) => i),
};

const turned = transposedArray(kernel, [2, 3, 1, 0], () => {
  throw new Error("nobody needs the network's own order");
});

describe('a weight whose axes stand in another order than in its file', () => {
  test('has the shape of the network', () => {
    expect(turned.shape).toEqual([1, 2, 3, 2]);
  });

  test("is the file's own array for a runtime that takes the order of the file", () => {
    expect(transposeArray(turned, [3, 2, 0, 1])).toBe(kernel);
  });

  test("is moved once from the file's order into any other", () => {
    const moved = transposeArray(turned, [2, 3, 0, 1]);
    expect(moved.shape).toEqual([3, 2, 1, 2]);
    // Element [input, output, 0, column] is number 6 output + 2 input + column of the file.
    expect([...moved.data]).toEqual([0, 1, 6, 7, 2, 3, 8, 9, 4, 5, 10, 11]);
  });
});

test.each(['onnx', 'wasm'] as const)(
  'a large weight that is not finite is refused when the model is loaded on %s',
  async (engine) => {
    const weights = floats('w', [256, 3, 16, 16], NaN);
    const bytes = handMadeOnnx(
      [
        node('Conv', ['x', 'w'], ['wide'], { pads: [8, 8, 7, 7] }),
        node('Slice', ['wide', 'first', 'last', 'axis'], ['y']),
      ],
      [weights, integer('first', 0), integer('last', 3), integer('axis', 1)],
    );
    const loading = loadModel(openOnnxFile(bytes), { engine: await createEngine(engine) });
    await expect(loading).rejects.toThrow(/weight w \(kernel\) holds NaN at index 0/);
  },
);

function integer(name: string, value: number): ReturnType<typeof floats> {
  return { name, shape: [1], data: BigInt64Array.of(BigInt(value)) };
}
