import { describe, test } from 'vitest';
import type { NdArray } from '../../../src/base/nd-array.ts';
import type { ManifestWeight } from '../../../src/artifact/weights-manifest.ts';
import { translateGraph } from '../../../src/readers/graph-def/translate-graph.ts';
import { toStoredOrder } from '../../../src/readers/graph/stored-order.ts';
import { expectClose } from '../../helper/closeness.ts';
import { createEngine } from '../../helper/engines.ts';
import { decodeArray, readFixture, type StoredArray } from '../../helper/fixture.ts';

/**
 * GraphModels of a few nodes, their outputs and gradients, against TensorFlow in float64
 * (`tools/oracles/write_graph_op_fixtures.py`).
 */
interface Case {
  readonly title: string;
  /** JSON of the GraphDef. */
  readonly topology: string;
  readonly signature: unknown;
  readonly weights: readonly ManifestWeight[];
  /** The bytes of all weights, in base64. */
  readonly data: string;
  readonly x: StoredArray;
  readonly y: StoredArray;
  /** Of the score, with respect to `x`. */
  readonly gradient: StoredArray;
}

/** Of the largest value. A few nodes in float32; what is read wrongly is off by 1e-2 and more. */
const FEW_NODES = 1e-5;

const { cases } = readFixture<{ readonly cases: readonly Case[] }>('graph-ops.json');
const byTitle = cases.map((one) => [one.title, one] as const);

const flat = (data: Float32Array): NdArray => ({ shape: [data.length], data });

describe.each(['onnx', 'wasm'] as const)('on %s', (engineName) => {
  test.each(byTitle)('%s', async (_, { topology, signature, weights, data, x, y, gradient }) => {
    const { network, outputs, ...translated } = translateGraph({
      name: 'case',
      topology: JSON.parse(topology) as unknown,
      signature,
      weights,
      bytes: Uint8Array.from(Buffer.from(data, 'base64')).buffer,
    });
    const arrays = [...translated.weights].map(([name, { shape, read }]): [string, NdArray] => [
      name,
      { shape, data: read() },
    ]);
    const engine = await createEngine(engineName);
    const session = await engine.open(network, new Map(arrays));
    try {
      const [input] = network.inputs as [string];
      const found = outputs.find(({ shape }) => shape.join() === y.shape.join())!;
      const run = await session.run({
        inputs: { [input]: decodeArray(x) },
        outputs: [found.node],
        gradient: {
          seeds: [{ score: 'logit', of: { class: 0 } }],
          wrt: [input],
          relu: 'plain',
        },
      });
      const stored = toStoredOrder(decodeArray(y).data, found.shape, found.order);
      expectClose(flat(run.outputs.get(found.node)!.data), flat(stored), FEW_NODES);
      const slope = run.gradients[0]!.get(input)!;
      expectClose(flat(slope.data), flat(decodeArray(gradient).data), FEW_NODES);
    } finally {
      session.dispose();
    }
  });
});
