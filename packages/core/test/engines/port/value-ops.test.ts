import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as tf from '@tensorflow/tfjs-core';
import { countElements, type NdArray } from '../../../src/base/nd-array.ts';
import type { Engine } from '../../../src/engines/port/engine.ts';
import { expectClose } from '../../helper/closeness.ts';
import { createEngine, engineNames } from '../../helper/engines.ts';
import { decodeArray } from '../../helper/fixture.ts';
import { buildValueOp, valueOpCases } from '../../helper/value-op-cases.ts';

describe.each(engineNames)('ops on values of any rank on %s, against PyTorch', (backend) => {
  let engine: Engine;
  let tensorsBefore: number;

  beforeAll(async () => {
    engine = await createEngine(backend);
    tensorsBefore = tf.memory().numTensors;
  });
  afterAll(() => expect(tf.memory().numTensors).toBe(tensorsBefore));

  test.each(valueOpCases)('$title', async ({ valueCase }) => {
    const { network, weights, names } = buildValueOp(valueCase);
    const inputs = valueCase.inputs.map(decodeArray);
    const output = decodeArray(valueCase.output);
    const upstream = decodeArray(valueCase.upstream);
    const gradients = valueCase.inputGradients.map(decodeArray);

    const session = await engine.open(network, weights);
    try {
      const inputsOf = (change: (array: NdArray) => NdArray): Record<string, NdArray> =>
        Object.fromEntries(names.map((name, i) => [name, change(inputs[i]!)]));
      const batch = await session.run({
        inputs: inputsOf((array) => array),
        outputs: ['node'],
        gradient: { seeds: [upstream.data], wrt: names, relu: 'plain' },
      });
      expectClose(batch.outputs.get('node'), output);
      names.forEach((name, i) => expectClose(batch.gradients[0]!.get(name), gradients[i]!));

      // Two seeds of one item, which share its forward values.
      const seed = itemOf(upstream, 0).data;
      const one = await session.run({
        inputs: inputsOf((array) => itemOf(array, 0)),
        outputs: ['node'],
        gradient: { seeds: [seed, scale(seed, -3)], wrt: names, relu: 'plain' },
      });
      expectClose(one.outputs.get('node'), itemOf(output, 0));
      names.forEach((name, i) => {
        const { shape, data } = itemOf(gradients[i]!, 0);
        expectClose(one.gradients[0]!.get(name), { shape, data });
        expectClose(one.gradients[1]!.get(name), { shape, data: scale(data, -3) });
      });
    } finally {
      session.dispose();
    }
  });
});

function itemOf({ shape, data }: NdArray, index: number): NdArray {
  const size = countElements(shape.slice(1));
  return { shape: [1, ...shape.slice(1)], data: data.slice(index * size, (index + 1) * size) };
}

function scale(data: Float32Array, factor: number): Float32Array {
  return data.map((value) => value * factor);
}
