import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import type { NdArray } from '../../src/base/nd-array.ts';
import type { Engine } from '../../src/engines/port/engine.ts';
import { loadModel } from '../../src/model/model.ts';
import { findNode } from '../../src/network/network.ts';
import { openModelFolder } from '../../src/node/model-folder.ts';
import { createEngine } from '../helper/engines.ts';
import { decodeArray } from '../helper/fixture.ts';
import { listRandomModels, readRandomModel, type RandomModel } from '../helper/random-models.ts';

/** Float32 through up to a dozen layers, on both sides, of the largest value or gradient. */
const DOZEN_LAYERS = 1e-5;

/**
 * Nets of the layers, operators and names that people's models are made of, as Keras 2 and 3 write them, against
 * TensorFlow: what they say, and the gradient at their input.
 */
describe.each(['wasm', 'onnx'] as const)('drawn Keras models on %s, against TensorFlow', (name) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await createEngine(name);
  });

  test.each(listRandomModels().map((net) => [path.basename(net), net]))(
    'net %s',
    async (_, net) => {
      const expected = readRandomModel(net);
      const before = tf.memory().numTensors;
      const model = await loadModel(openModelFolder(net), { engine });
      try {
        const { network } = model;
        const [input] = network.inputs as [string];
        const [head] = network.heads;
        const given = decodeArray(expected.input);
        const values = { shape: [1, ...findNode(network, input).shape], data: given.data };
        const found = head!.probabilities ?? head!.logits;
        const output = decodeArray(expected.output);
        const seed = throughHead(head!.activation, output, decodeArray(expected.upstream));
        const result = await model.session.run({
          inputs: { [input]: values },
          outputs: [found],
          gradient: { seeds: [seed], wrt: [input], relu: 'plain' },
        });
        expectNear(result.outputs.get(found)!.data, output.data);
        expectNear(result.gradients[0]!.get(input)!.data, decodeArray(expected.gradient).data);
      } finally {
        model.dispose();
      }
      expect(tf.memory().numTensors).toBe(before);
    },
  );
});

/** The gradient with respect to the logits from that with respect to the output. */
function throughHead(
  activation: RandomModel['final'],
  { data: output }: NdArray,
  { data: upstream }: NdArray,
): Float32Array {
  if (activation === 'linear') return upstream;
  if (activation === 'sigmoid') return upstream.map((u, i) => u * output[i]! * (1 - output[i]!));
  const mean = output.reduce((sum, share, i) => sum + share * upstream[i]!, 0);
  return upstream.map((u, i) => output[i]! * (u - mean));
}

function expectNear(found: Float32Array, expected: Float32Array): void {
  const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  expect(found.length).toBe(expected.length);
  const error = expected.reduce((most, value, i) => Math.max(most, Math.abs(value - found[i]!)), 0);
  expect(error / Math.max(scale, Number.MIN_VALUE)).toBeLessThan(DOZEN_LAYERS);
}
