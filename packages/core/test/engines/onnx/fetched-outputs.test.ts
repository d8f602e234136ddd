import * as ort from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { readNetwork } from '../../../src/readers/layers-model/read-network.ts';
import { createOnnxEngine } from '../../../src/engines/onnx/index.ts';
import { functionalModel, input, layer } from '../../helper/keras-model.ts';

/** The real runtime, of whose runs the names of what they give are noted. */
function noteFetched(fetched: string[][]): typeof ort {
  const create = async (...given: Parameters<typeof ort.InferenceSession.create>) => {
    const session = await ort.InferenceSession.create(...given);
    const run = session.run.bind(session) as (...all: unknown[]) => ReturnType<typeof session.run>;
    return Object.assign(session, {
      run: async (...all: unknown[]) => {
        const result = await run(...all);
        fetched.push(Object.keys(result).sort());
        return result;
      },
    });
  };
  return { ...ort, InferenceSession: { create } } as unknown as typeof ort;
}

test('a run takes from its graph what it is asked for, whatever else the graph has', async () => {
  const model = functionalModel([
    input('image', 1, 2, 1),
    layer('ReLU', 'relu'),
    layer('Flatten', 'scores'),
  ]);
  const fetched: string[][] = [];
  const engine = createOnnxEngine(noteFetched(fetched));
  const session = await engine.open(readNetwork(model.topology, model.specs), model.weights);
  const image = { shape: [1, 1, 2, 1], data: Float32Array.of(-8, 4) };
  const withLayer = await session.run({ inputs: { image }, outputs: ['relu'] });
  const plain = await session.run({ inputs: { image }, outputs: [] });
  session.dispose();
  expect([...withLayer.outputs.get('relu')!.data]).toEqual([0, 4]);
  expect([...plain.logits.data]).toEqual([0, 4]);
  expect(fetched.map((names) => names.length)).toEqual([2, 1]);
  expect(fetched[0]).toEqual(expect.arrayContaining(fetched[1]!));
});
