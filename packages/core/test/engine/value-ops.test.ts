import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as tf from '@tensorflow/tfjs-core';
import { countElements, type NdArray } from '../../src/array/nd-array.ts';
import type { Engine } from '../../src/engine/engine.ts';
import type { Op } from '../../src/network/op.ts';
import { expectClose } from '../helper/closeness.ts';
import { createEngine, engineNames } from '../helper/engines.ts';
import { decodeArray, readFixture, type StoredArray } from '../helper/fixture.ts';
import { nodeNet } from '../helper/node-net.ts';

/** One node of the op set with what PyTorch makes of it; see `fixtures/value-ops/PROVENANCE.md`. */
interface ValueOpCase {
  readonly name: string;
  readonly op: Op;
  /** What stands between the first input and the node. */
  readonly before: { readonly op: Op; readonly shape: readonly number[] } | null;
  /** Without a batch axis: `constant` nodes, the node's first inputs. */
  readonly constants: readonly StoredArray[];
  readonly inputs: readonly StoredArray[];
  readonly weights: Readonly<Record<string, StoredArray>>;
  readonly output: StoredArray;
  readonly upstream: StoredArray;
  readonly inputGradients: readonly StoredArray[];
}

const families = [
  'constant',
  'functions',
  'strides',
  'pad-with',
  'pools',
  'resize',
  'mat-mul',
  'divide',
  'sum-to',
  'max-to',
  'broadcast',
];

const cases = families.flatMap((family) =>
  readFixture<{ cases: ValueOpCase[] }>(`value-ops/${family}.json`).cases.map((valueCase) => ({
    title: `${family}/${valueCase.name}`,
    valueCase,
  })),
);

describe.each(engineNames)('ops on values of any rank on %s, against PyTorch', (backend) => {
  let engine: Engine;
  let tensorsBefore: number;

  beforeAll(async () => {
    engine = await createEngine(backend);
    tensorsBefore = tf.memory().numTensors;
  });
  afterAll(() => expect(tf.memory().numTensors).toBe(tensorsBefore));

  it.each(cases)('$title', async ({ valueCase }) => {
    const { network, weights, names } = buildCase(valueCase);
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

/** The node between its inputs and the scores, which are its own values. */
function buildCase({ op, before, constants, inputs, weights, output }: ValueOpCase) {
  const names = inputs.map((_, i) => `input ${i}`);
  const given = inputs.map(({ shape }, i) => ({
    name: names[i]!,
    op: { kind: 'input' } as const,
    shape: shape.slice(1),
  }));
  const arrays = Object.fromEntries(
    Object.entries(weights).map(([role, stored]) => [role, decodeArray(stored)]),
  );
  const fixed = constants.map(decodeArray).map((value, i) => ({
    name: `constant ${i}`,
    op: { kind: 'constant' } as const,
    shape: value.shape,
    weights: { value },
  }));
  const shape = output.shape.slice(1);
  const all = [...fixed.map(({ name }) => name), ...names];
  const first = before === null ? [] : [{ name: 'before', ...before, inputs: [names[0]!] }];
  if (before !== null) all[0] = 'before';
  const node = { name: 'node', op, shape, inputs: all, weights: arrays };
  const net = nodeNet([...fixed, ...given, ...first, node]);
  return { ...net, names };
}

function itemOf({ shape, data }: NdArray, index: number): NdArray {
  const size = countElements(shape.slice(1));
  return { shape: [1, ...shape.slice(1)], data: data.slice(index * size, (index + 1) * size) };
}

function scale(data: Float32Array, factor: number): Float32Array {
  return data.map((value) => value * factor);
}
