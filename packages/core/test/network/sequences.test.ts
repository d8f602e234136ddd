import * as tf from '@tensorflow/tfjs-core';
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { layerLibrary } from '../../src/engines/tfjs-layers/library.ts';
import type { Engine, Session } from '../../src/engines/port/engine.ts';
import { listOpaqueCalls } from '../../src/network/opaque-call.ts';
import { MAX_STEPS } from '../../src/readers/layers-model/layers/find-cells.ts';
import { readNetwork } from '../../src/readers/layers-model/read-network.ts';
import { largestDifference } from '../helper/closeness.ts';
import { createEngine } from '../helper/engines.ts';
import { decodeArray, type StoredArray } from '../helper/fixture.ts';
import { functionalModel, input, layer, type LayerSpec } from '../helper/keras-model.ts';

/** Float32 against float64 through two recurrent layers of five steps, of the largest value or gradient. */
const TWO_LAYERS = 1e-5;

/** A net that `tools/oracles/sequence_nets.py` wrote. */
interface SequenceNet {
  readonly name: string;
  readonly topology: unknown;
  readonly weights: Readonly<Record<string, StoredArray>>;
  readonly cases: readonly {
    readonly inputs: Readonly<Record<string, StoredArray>>;
    readonly upstream: StoredArray;
    readonly output: StoredArray;
    readonly gradient: StoredArray;
  }[];
}

const nets = JSON.parse(
  readFileSync(new URL('../fixtures/sequences.json', import.meta.url), 'utf8'),
) as readonly SequenceNet[];

async function open({ topology, weights }: SequenceNet, engine: Engine): Promise<Session> {
  const arrays = Object.entries(weights).map(([name, one]) => [name, decodeArray(one)] as const);
  const network = readNetwork(
    topology,
    arrays.map(([name, { shape }]) => ({ name, shape })),
  );
  return engine.open(network, new Map(arrays));
}

/** Masks over steps, states, and layers after one another, against Keras. */
describe.each(['wasm', 'onnx'] as const)('recurrent layers on %s', (name) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await createEngine(name);
  });

  test.each(nets.map((net) => [net.name, net] as const))('%s', async (_, net) => {
    const before = tf.memory().numTensors;
    const session = await open(net, engine);
    try {
      for (const { inputs, upstream, output, gradient } of net.cases) {
        const result = await session.run({
          inputs: Object.fromEntries(
            Object.entries(inputs).map(([key, stored]) => [key, decodeArray(stored)]),
          ),
          outputs: [],
          gradient: {
            seeds: [decodeArray(upstream).data],
            wrt: ['x'],
            relu: 'plain',
          },
        });
        expect(largestDifference(result.logits.data, decodeArray(output).data)).toBeLessThan(
          TWO_LAYERS,
        );
        const slope = result.gradients[0]!.get('x')!.data;
        expect(largestDifference(slope, decodeArray(gradient).data)).toBeLessThan(TWO_LAYERS);
      }
    } finally {
      session.dispose();
    }
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('what a file may leave out', () => {
  test.each(['both ways', 'both ways, sequence', 'states of both ways'])(
    '%s: the backward layer, which is then the forward one turned round',
    (name) => {
      const { topology, weights } = nets.find((net) => net.name === name)!;
      const specs = Object.entries(weights).map(([key, { shape }]) => ({ name: key, shape }));
      const left = JSON.parse(JSON.stringify(topology), (key, value: unknown) =>
        key === 'backward_layer' ? undefined : value,
      ) as unknown;
      expect(JSON.stringify(left)).not.toBe(JSON.stringify(topology));
      expect(readNetwork(left, specs).nodes).toEqual(readNetwork(topology, specs).nodes);
    },
  );

  test('which direction has which weights is told by their names, not by their order', () => {
    const { topology, weights } = nets.find((net) => net.name === 'both ways')!;
    const specs = Object.entries(weights).map(([key, { shape }]) => ({ name: key, shape }));
    const usual = readNetwork(topology, specs);
    expect(readNetwork(topology, [...specs].reverse()).nodes).toEqual(usual.nodes);
    expect(usual.notes).toEqual([]);
    const unnamed = specs.map(({ name, shape }) => ({
      name: name.replace('forward_', 'a_').replace('backward_', 'b_'),
      shape,
    }));
    expect(readNetwork(topology, unnamed).notes).toEqual([
      expect.stringContaining('first half of its weights is taken for the forward direction'),
    ]);
  });

  test.each(['lstm', 'gru', 'simple'])('%s: the functions, which Keras has by default', (name) => {
    const { topology, weights } = nets.find((net) => net.name === name)!;
    const specs = Object.entries(weights).map(([key, { shape }]) => ({ name: key, shape }));
    const left = JSON.parse(JSON.stringify(topology), (key, value: unknown) =>
      /activation$/.test(key) ? undefined : value,
    ) as unknown;
    expect(readNetwork(left, specs).nodes).toEqual(readNetwork(topology, specs).nodes);
  });
});

describe('what is not written as steps', () => {
  const lstm = layer('LSTM', 'rnn', { units: 2 });
  const cellOfAUser = layer('RNN', 'rnn', { cell: { class_name: 'Own', config: {} } });
  const outer = (layers: readonly LayerSpec[]) => () => {
    const { topology, specs } = functionalModel(layers);
    return readNetwork(topology, specs);
  };

  test(`more than ${MAX_STEPS} steps are left to tfjs-layers`, () => {
    const long = [input('steps', MAX_STEPS + 1, 3), lstm];
    expect(outer(long)).toThrow(/layer rnn is of class LSTM.*@gradcam\/core\/layers/);
    const { topology, specs } = functionalModel(long);
    const network = readNetwork(topology, specs, { library: layerLibrary });
    expect(listOpaqueCalls(network).map(({ className }) => className)).toEqual(['LSTM']);
  });

  test('a cell that nobody knows', () => {
    expect(outer([input('steps', 5, 3), cellOfAUser])).toThrow(/layer rnn is of class RNN/);
  });

  test.each([
    ['wasm', 7, /input ids is 7 at index 0; layer embedding takes whole numbers from 0 to 6/],
    ['onnx', -1, /input ids is -1 at index 0; layer embedding/],
    ['onnx', 1.5, /input ids is 1.5 at index 0; layer embedding/],
  ] as const)('on %s the index %s, which no row has', async (name, index, message) => {
    const net = nets.find((one) => one.name === 'words')!;
    const session = await open(net, await createEngine(name));
    const { x, ids } = net.cases[0]!.inputs;
    const indices = decodeArray(ids!);
    indices.data[0] = index;
    const run = session.run({ inputs: { x: decodeArray(x!), ids: indices }, outputs: [] });
    await expect(run).rejects.toThrow(message);
    session.dispose();
  });

  test('an index has no gradient', async () => {
    const engine = await createEngine('onnx');
    const net = nets.find(({ name }) => name === 'words')!;
    const session = await open(net, engine);
    const { inputs, upstream } = net.cases[0]!;
    const run = session.run({
      inputs: Object.fromEntries(
        Object.entries(inputs).map(([key, stored]) => [key, decodeArray(stored)]),
      ),
      outputs: [],
      gradient: { seeds: [decodeArray(upstream).data], wrt: ['ids'], relu: 'plain' },
    });
    await expect(run).rejects.toThrow(
      'layer embedding uses its input as an index, so the input has no gradient; choose a layer after it',
    );
    session.dispose();
  });
});
