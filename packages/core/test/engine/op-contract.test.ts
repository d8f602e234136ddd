import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as tf from '@tensorflow/tfjs-core';
import { countElements, type NdArray } from '../../src/array/nd-array.ts';
import type { Engine } from '../../src/engine/engine.ts';
import type { Network } from '../../src/network/network.ts';
import { readNetwork } from '../../src/network/read-network.ts';
import { createEngine, engineNames } from '../helper/engines.ts';
import { expectClose } from '../helper/closeness.ts';
import { decodeArray, readFixture, type StoredArray } from '../helper/fixture.ts';
import { functionalModel, input, type TestModel } from '../helper/keras-model.ts';

/** One Keras layer with what TensorFlow makes of it; see `fixtures/ops/PROVENANCE.md`. */
interface OpCase {
  readonly name: string;
  readonly op: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly inputs: readonly StoredArray[];
  readonly weights: Readonly<Record<string, StoredArray>>;
  readonly output: StoredArray;
  readonly upstream: StoredArray;
  readonly inputGradients: readonly StoredArray[];
}

const families = [
  'activations',
  'average-pooling',
  'conv2d',
  'conv2d-transpose',
  'dense',
  'depthwise-conv2d',
  'global-pooling',
  'joining',
  'max-pooling',
  'normalisation',
  'rearranging',
  'separable-conv2d',
];

const cases = families.flatMap((family) =>
  readFixture<{ cases: OpCase[] }>(`ops/${family}.json`).cases.map((opCase) => ({
    title: `${family}/${opCase.name}`,
    opCase,
  })),
);

describe.each(engineNames)('every op on %s, against TensorFlow', (backend) => {
  let engine: Engine;
  let tensorsBefore: number;

  beforeAll(async () => {
    engine = await createEngine(backend);
    tensorsBefore = tf.memory().numTensors;
  });
  afterAll(() => expect(tf.memory().numTensors).toBe(tensorsBefore));

  it.each(cases)('$title', async ({ opCase }) => {
    const { network, model, names } = buildCase(opCase);
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

/** The layer as a model of its own; its own output counts as the logits, softmax or not. */
function buildCase(opCase: OpCase): { network: Network; model: TestModel; names: string[] } {
  const names = opCase.inputs.map((_, i) => `input_${i}`);
  const weights = Object.fromEntries(
    Object.entries(opCase.weights).map(([name, values]) => [name, decodeArray(values)]),
  );
  const model = functionalModel([
    ...opCase.inputs.map(({ shape }, i) => input(names[i]!, ...shape.slice(1))),
    {
      name: 'layer',
      className: opCase.op,
      config: opCase.attributes,
      weights,
      inputs: names,
    },
  ]);
  // The fixtures are Keras 3's: some functions changed with it.
  const network = readNetwork({ ...model.topology, keras_version: '3.15.1' }, model.specs);
  const classes = countElements(opCase.output.shape.slice(1));
  const logits = network.layers.get('layer')!;
  const shape = opCase.output.shape.slice(1);
  const head = { logits, probabilities: null, activation: 'linear', shape, classes } as const;
  return { network: { ...network, heads: [head] }, model, names };
}

function twice({ shape, data }: NdArray, factor = 1): NdArray {
  const joined = new Float32Array(data.length * 2);
  joined.set(data);
  joined.set(
    data.map((value) => value * factor),
    data.length,
  );
  return { shape: [shape[0]! * 2, ...shape.slice(1)], data: joined };
}
