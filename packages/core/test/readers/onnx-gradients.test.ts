import { describe, expect, test } from 'vitest';
import type { NdArray } from '../../src/base/nd-array.ts';
import { toStoredOrder } from '../../src/readers/graph/stored-order.ts';
import { parseOnnxModel } from '../../src/readers/onnx-file/proto/parse-model.ts';
import { readOnnxNetwork } from '../../src/readers/onnx-file/read-onnx-network.ts';
import { expectClose } from '../helper/closeness.ts';
import { createEngine } from '../helper/engines.ts';
import { decodeArray, readFixture, type StoredArray } from '../helper/fixture.ts';

/**
 * ONNX models of a few nodes, their outputs and gradients, against PyTorch in float64
 * (`tools/oracles/write_onnx_gradient_fixtures.py`).
 */
interface Case {
  readonly title: string;
  /** The file, in base64; its outputs are a score and `y`. */
  readonly model: string;
  readonly x: StoredArray;
  readonly y: StoredArray;
  /** Of the score, with respect to `x`. */
  readonly gradient: StoredArray;
}

/** Of the largest value. A few nodes in float32; what is read wrongly is off by 1e-2 and more. */
const FEW_NODES = 1e-5;

const { cases } = readFixture<{ readonly cases: readonly Case[] }>('onnx-gradients.json');
const byTitle = cases.map((one) => [one.title, one] as const);

describe.each(['onnx', 'wasm'] as const)('on %s', (engineName) => {
  test.each(byTitle)('%s', async (_, { model: text, x, y, gradient }) => {
    const bytes = new Uint8Array(Buffer.from(text, 'base64'));
    const file = parseOnnxModel(bytes, 'case.onnx');
    const { network, weights, inputs, outputs } = readOnnxNetwork(file, 'case.onnx', new Map());
    const arrays = [...weights].map(([name, { shape, read }]): [string, NdArray] => [
      name,
      { shape, data: read() },
    ]);
    const [input, output] = [inputs[0]!, outputs.find(({ name }) => name === 'y')!];
    const engine = await createEngine(engineName);
    const session = await engine.open(network, new Map(arrays));
    try {
      expect(output.shape).toEqual(y.shape);
      const stored = network.nodes.find(({ name }) => name === input.node)!.shape;
      const ordered = (array: StoredArray, like: typeof input): NdArray => ({
        shape: [array.shape.length],
        data: toStoredOrder(decodeArray(array).data, like.shape, like.order),
      });
      const run = await session.run({
        inputs: { [input.node]: { shape: [1, ...stored], data: ordered(x, input).data } },
        outputs: [output.node],
        gradient: {
          seeds: [{ score: 'logit', of: { class: 0 } }],
          wrt: [input.node],
          relu: 'plain',
        },
      });
      const flat = ({ data }: NdArray): NdArray => ({ shape: [data.length], data });
      const found = run.outputs.get(output.node)!;
      expectClose(flat(found), flat(ordered(y, output)), FEW_NODES);
      const slope = run.gradients[0]!.get(input.node)!;
      expectClose(flat(slope), flat(ordered(gradient, input)), FEW_NODES);
    } finally {
      session.dispose();
    }
  });
});
