import { describe, expect, test } from 'vitest';
import { createMemorySource } from '../../../src/bytes/source.ts';
import { readFrozenGraph } from '../../../src/formats/graph-def/read-frozen-graph.ts';
import {
  callOf,
  encodeConstant,
  encodeFunction,
  encodeGraph,
  encodeMessage,
  encodeNode,
} from '../../support/build-graph.ts';

const input = encodeNode('x', 'Placeholder');
const call = (name: string, of: string, from = 'x'): Uint8Array =>
  encodeNode(name, 'PartitionedCall', [from], { f: callOf(of) });

async function read(nodes: readonly Uint8Array[], functions: readonly Uint8Array[] = []) {
  return readFrozenGraph(createMemorySource('net.pb', encodeGraph(nodes, functions)));
}

/** What each file is made to do, in at most this many milliseconds on a loaded machine. */
const MOST_MILLISECONDS = 5000;

describe('graphs that must not be believed', () => {
  test('a function that is called twice is put in its place twice', async () => {
    const half = encodeFunction('f', [encodeNode('root', 'Sqrt', ['x'])], 'root:y:0');
    const { graph } = await read([input, call('a', 'f'), call('b', 'f', 'a')], [half]);
    expect(graph.nodes.map(({ name, op }) => `${name} ${op}`)).toEqual([
      'x Placeholder',
      'root Sqrt',
      'b/root Sqrt',
    ]);
  });

  test.each<[string, Uint8Array[], Uint8Array[], RegExp]>([
    [
      'a function that calls itself',
      [input, call('a', 'f')],
      [encodeFunction('f', [call('again', 'f')], 'again:output:0')],
      /^node again \(PartitionedCall\): function f calls itself$/,
    ],
    [
      'functions that call each other in a circle',
      [input, call('a', 'f')],
      [
        encodeFunction('f', [call('g', 'g')], 'g:output:0'),
        encodeFunction('g', [call('f', 'f')], 'f:output:0'),
      ],
      /function f calls itself/,
    ],
    [
      'functions in functions, a hundred deep',
      [input, call('a', 'f0')],
      Array.from({ length: 100 }, (_, i) =>
        encodeFunction(`f${i}`, [call('c', `f${i + 1}`)], 'c:output:0'),
      ),
      /nested deeper than 64/,
    ],
    [
      'functions that each call the next one twice',
      [input, call('a', 'f0')],
      Array.from({ length: 40 }, (_, i) =>
        encodeFunction(
          `f${i}`,
          i === 39
            ? [encodeNode('d', 'Sqrt', ['x'])]
            : [call('c', `f${i + 1}`), call('d', `f${i + 1}`, 'c:output:0')],
          i === 39 ? 'd:y:0' : 'd:output:0',
        ),
      ),
      /nodes of the graph without functions is \d+, more than the limit/,
    ],
    [
      'a function that is not there',
      [input, call('a', 'nowhere')],
      [],
      /the graph has no function nowhere, which a node calls/,
    ],
    [
      'nodes in a circle',
      [
        input,
        encodeNode('a', 'Add', ['b', 'x']),
        encodeNode('b', 'Sqrt', ['a']),
        encodeNode('c', 'Sqrt', ['b']),
      ],
      [],
      /its input '\w' is missing, or part of a loop/,
    ],
    [
      'a constant larger than all memory',
      [input, encodeConstant('k', [2 ** 20, 2 ** 20]), encodeNode('a', 'Add', ['x', 'k'])],
      [],
      /size of k .* more than the limit/,
    ],
    [
      'one number that is repeated a billion times',
      [
        input,
        encodeConstant('k', [2 ** 30], [5, new Uint8Array(4)]),
        encodeNode('a', 'Add', ['x', 'k']),
      ],
      [],
      /values of k that are no bytes is 4294967296, more than the limit/,
    ],
    [
      'a constant with fewer bytes than its shape',
      [input, encodeConstant('k', [3], [4, new Uint8Array(8)]), encodeNode('a', 'Add', ['x', 'k'])],
      [],
      /k: expected 12 bytes for its shape, found 8/,
    ],
    [
      'a dimension below zero',
      [input, encodeConstant('k', [-3]), encodeNode('a', 'Add', ['x', 'k'])],
      [],
      /impossible dimension -3/,
    ],
    ['two nodes of one name', [input, input], [], /two nodes are called x/],
    [
      'an attribute with a million numbers',
      [
        input,
        encodeNode('a', 'MaxPool', ['x'], {
          ksize: encodeMessage([1, encodeMessage([3, new Uint8Array(1_000_000)])]),
        }),
        encodeNode('b', 'Squeeze', ['x'], {
          squeeze_dims: encodeMessage([1, encodeMessage([3, new Uint8Array(10_000)])]),
        }),
      ],
      [],
      /values of one attribute is 4097, more than the limit/,
    ],
    [
      'random numbers',
      [input, encodeNode('a', 'RandomUniform', ['x']), encodeNode('b', 'Mul', ['a', 'x'])],
      [],
      /^node a \(RandomUniform\): it draws random numbers, as in training; save the model/,
    ],
    [
      'a loop whose end depends on values',
      [input, encodeNode('a', 'While', ['x'])],
      [],
      /^node a \(While\): loops are not supported$/,
    ],
    [
      'a table',
      [input, encodeNode('a', 'LookupTableFindV2', ['x', 'x'])],
      [],
      /^node a \(LookupTableFindV2\): tables are not supported$/,
    ],
    [
      'a normalisation that does not say that it is not trained',
      [input, encodeNode('a', 'FusedBatchNormV3', ['x', 'x', 'x', 'x', 'x'])],
      [],
      /^node a \(FusedBatchNormV3\): it computes the statistics of its own batch/,
    ],
  ])('%s', async (_, nodes, functions, message) => {
    const start = performance.now();
    await expect(read(nodes, functions)).rejects.toThrow(message);
    expect(performance.now() - start).toBeLessThan(MOST_MILLISECONDS);
  });
});

describe('constants', () => {
  async function valuesOf(...fields: Parameters<typeof encodeConstant>[2][]): Promise<number[]> {
    const constant = encodeConstant('k', [3], ...fields);
    const { weights } = await read([input, constant, encodeNode('a', 'Add', ['x', 'k'])]);
    const parts: Uint8Array[] = [];
    for await (const chunk of weights[0]!.tensor.chunks()) parts.push(chunk.slice());
    return [...new Float32Array(new Uint8Array(Buffer.concat(parts)).buffer)];
  }
  const floats = (...values: number[]): Uint8Array =>
    new Uint8Array(Float32Array.from(values).buffer);

  test('are bytes, or numbers of which the last is repeated, or nothing, which is zero', async () => {
    expect(await valuesOf([4, floats(1, 2, 3)])).toEqual([1, 2, 3]);
    expect(await valuesOf([5, floats(1, 2, 3)])).toEqual([1, 2, 3]);
    expect(await valuesOf([5, floats(4)])).toEqual([4, 4, 4]);
    expect(await valuesOf([5, floats(4, 7)])).toEqual([4, 7, 7]);
    expect(await valuesOf()).toEqual([0, 0, 0]);
    await expect(valuesOf([5, floats(1, 2, 3, 4)])).rejects.toThrow(/more than the 3 values/);
  });
});

/** The form before TensorFlow 1, as in Inception v3 of 2015: mean, variance, shift, scale. */
test('an old batch normalisation becomes one that tfjs runs', async () => {
  const vectors = ['mean', 'variance', 'shift', 'scale'];
  const { graph } = await read([
    input,
    ...vectors.map((name) => encodeConstant(name, [2])),
    encodeNode('norm', 'BatchNormWithGlobalNormalization', ['x', ...vectors], {
      variance_epsilon: Uint8Array.of(0x25, 0, 0, 0, 0x3e),
      scale_after_normalization: encodeMessage([5, 1]),
    }),
  ]);
  const norm = graph.nodes.at(-1)!;
  expect(norm.op).toBe('FusedBatchNorm');
  expect(norm.inputs.map(({ node }) => node.name)).toEqual([
    'x',
    'scale',
    'shift',
    'mean',
    'variance',
  ]);
  expect(norm.attributes).toMatchObject({ epsilon: { f: 0.125 }, is_training: { b: false } });
});
