import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as tf from '@tensorflow/tfjs-core';
import type { NdArray } from '../../../src/base/nd-array.ts';
import type { Engine } from '../../../src/engines/port/engine.ts';
import { createEngine, engineNames } from '../../helper/engines.ts';
import { expectClose } from '../../helper/closeness.ts';
import { decodeArray } from '../../helper/fixture.ts';
import { buildLayer, layerCases } from '../../helper/layer-cases.ts';

describe.each(engineNames)('every op on %s, against TensorFlow', (backend) => {
  let engine: Engine;
  let tensorsBefore: number;

  beforeAll(async () => {
    engine = await createEngine(backend);
    tensorsBefore = tf.memory().numTensors;
  });
  afterAll(() => expect(tf.memory().numTensors).toBe(tensorsBefore));

  test.each(layerCases)('$title', async ({ opCase }) => {
    const { network, model, names } = buildLayer(opCase);
    const outputNode = network.layers.get('layer')!;
    const inputs = opCase.inputs.map(decodeArray);
    const output = decodeArray(opCase.output);
    const upstream = decodeArray(opCase.upstream);
    const gradients = opCase.inputGradients.map(decodeArray);

    const session = await engine.open(network, model.weights);
    try {
      // Twice in one batch, the second time with twice the upstream gradient: items must not mix.
      const result = await session.run({
        inputs: Object.fromEntries(names.map((name, i) => [name, twice(inputs[i]!)])),
        outputs: [outputNode],
        gradient: { seeds: [twice(upstream, 2).data], wrt: names, relu: 'plain' },
      });
      expectClose(result.outputs.get(outputNode), twice(output));
      names.forEach((name, i) => {
        expectClose(result.gradients[0]!.get(name), twice(gradients[i]!, 2));
      });
    } finally {
      session.dispose();
    }
  });
});

function twice({ shape, data }: NdArray, factor = 1): NdArray {
  const joined = new Float32Array(data.length * 2);
  joined.set(data);
  joined.set(
    data.map((value) => value * factor),
    data.length,
  );
  return { shape: [shape[0]! * 2, ...shape.slice(1)], data: joined };
}
