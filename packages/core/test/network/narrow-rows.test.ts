import { describe, expect, test } from 'vitest';
import type { NdArray } from '../../src/base/nd-array.ts';
import { narrowRows } from '../../src/network/narrow-rows.ts';
import type { Network } from '../../src/network/network.ts';
import type { Op } from '../../src/network/op.ts';
import { createEngine } from '../helper/engines.ts';
import { expectClose } from '../helper/closeness.ts';
import { nodeNet, type NodeText } from '../helper/node-net.ts';
import { createRandom, randomArray } from '../helper/random.ts';

const TOKENS = 6;
const SIZE = 4;
const tokens = [TOKENS, SIZE];
const random = createRandom(5);
const drawn = (...shape: number[]): NdArray => randomArray(random, shape);

function dense(name: string, input: string, from: number, to: number): NodeText {
  const weights = { kernel: drawn(from, to), bias: drawn(to) };
  return { name, op: { kind: 'dense' }, inputs: [input], shape: [TOKENS, to], weights };
}

function norm(name: string, input: string): NodeText {
  const weights = { gamma: drawn(SIZE), beta: drawn(SIZE) };
  return {
    name,
    op: { kind: 'layerNorm', epsilon: 1e-6 },
    inputs: [input],
    shape: tokens,
    weights,
  };
}

function join(name: string, op: Op, inputs: readonly string[], shape = tokens): NodeText {
  return { name, op, inputs, shape };
}

/** A block of a transformer whose scores are read off some of its tokens. */
function block(parts: readonly NodeText[]): ReturnType<typeof nodeNet> {
  const product = { kind: 'matMul', transposeA: false } as const;
  const swapped = join('turned', { kind: 'permute', dims: [1, 0] }, ['attended'], [SIZE, TOKENS]);
  return nodeNet([
    { name: 'image', op: { kind: 'input' }, shape: tokens },
    norm('norm1', 'image'),
    dense('query', 'norm1', SIZE, SIZE),
    dense('key', 'norm1', SIZE, SIZE),
    dense('value', 'norm1', SIZE, SIZE),
    join('alike', { ...product, transposeB: true }, ['query', 'key'], [TOKENS, TOKENS]),
    join('attention', { kind: 'softmax' }, ['alike'], [TOKENS, TOKENS]),
    join('attended', { ...product, transposeB: false }, ['attention', 'value']),
    swapped,
    join('heads', { kind: 'reshape' }, ['turned'], [2, 2, TOKENS]),
    join('whole', { kind: 'reshape' }, ['heads'], [SIZE, TOKENS]),
    join('back', { kind: 'permute', dims: [1, 0] }, ['whole']),
    join('sum1', { kind: 'add' }, ['image', 'back']),
    norm('norm2', 'sum1'),
    dense('wide', 'norm2', SIZE, 8),
    { ...join('gelu', { kind: 'activation', fn: { name: 'gelu' } }, ['wide']), shape: [TOKENS, 8] },
    dense('narrow', 'gelu', 8, SIZE),
    join('sum2', { kind: 'add' }, ['sum1', 'narrow']),
    norm('last', 'sum2'),
    ...parts,
  ]);
}

function take(name: string, input: string, start: number, length = 1): NodeText {
  return { name, op: { kind: 'slice', axis: 0, start }, inputs: [input], shape: [length, SIZE] };
}

function scores(input: string, from: number): NodeText[] {
  const kernel = drawn(from, 3);
  return [
    { name: 'flat', op: { kind: 'reshape' }, inputs: [input], shape: [from] },
    { name: 'scores', op: { kind: 'dense' }, inputs: ['flat'], shape: [3], weights: { kernel } },
  ];
}

const one = block([take('token', 'last', 2), ...scores('token', SIZE)]);

function shapesOf({ nodes }: Network): Record<string, readonly number[]> {
  return Object.fromEntries(nodes.map(({ name, shape }) => [name, shape]));
}

describe('which nodes compute only the rows that are read', () => {
  test('all that treat a token alone, back to what mixes the tokens', () => {
    const shapes = shapesOf(narrowRows(one.network, ['scores', 'norm1']));
    for (const name of ['token', 'last', 'narrow', 'sum2', 'norm2', 'sum1', 'attended', 'query']) {
      expect(shapes[name], name).toEqual([1, SIZE]);
    }
    expect(shapes['attention']).toEqual([1, TOKENS]);
    expect(shapes['heads']).toEqual([2, 2, 1]);
    for (const name of ['key', 'value', 'norm1']) expect(shapes[name], name).toEqual(tokens);
  });

  test('none before a node whose whole value is wanted', () => {
    const shapes = shapesOf(narrowRows(one.network, ['scores', 'norm2']));
    for (const name of ['norm2', 'sum1', 'query']) expect(shapes[name], name).toEqual(tokens);
    expect(shapes['wide']).toEqual([1, 8]);
  });

  test('none where most rows are read, and the network is the same object', () => {
    const most = block([take('token', 'last', 1, 4), ...scores('token', 4 * SIZE)]);
    expect(narrowRows(most.network, ['scores'])).toBe(most.network);
  });

  test('none where a softmax goes over the rows', () => {
    const { network } = nodeNet([
      { name: 'image', op: { kind: 'input' }, shape: [2, TOKENS] },
      { name: 'share', op: { kind: 'softmax' }, inputs: ['image'], shape: [2, TOKENS] },
      { name: 'part', op: { kind: 'slice', axis: 1, start: 3 }, inputs: ['share'], shape: [2, 1] },
    ]);
    expect(narrowRows(network, ['part'])).toBe(network);
  });

  test('none whose value is given, and none before it', () => {
    const { nodes } = narrowRows(one.network, ['scores'], new Set(['sum1']));
    const shapes = shapesOf({ ...one.network, nodes });
    expect(shapes['sum1']).toEqual(tokens);
    expect(shapes['norm2']).toEqual([1, SIZE]);
  });
});

/** The engines of tfjs compute every row, so they check the narrowed graph of ONNX Runtime. */
describe('values and gradients equal those of the engine that computes all rows', () => {
  const two = block([
    take('first', 'last', 0),
    take('third', 'last', 2),
    join('both', { kind: 'multiply' }, ['first', 'third'], [1, SIZE]),
    ...scores('both', SIZE),
  ]);
  const nets = [
    { title: 'one token', net: one },
    { title: 'two tokens', net: two },
    { title: 'the same token twice', net: block(twice()) },
  ];
  const layers = ['image', 'norm1', 'attention', 'heads', 'sum1', 'gelu', 'last'];

  test.each(nets)('$title', async ({ net }) => {
    const image = randomArray(createRandom(8), [2, ...tokens]);
    const [exact, narrowed] = await Promise.all(
      (['cpu', 'onnx'] as const).map(async (name) =>
        (await createEngine(name)).open(net.network, net.weights),
      ),
    );
    for (const layer of layers) {
      const request = {
        inputs: { image },
        outputs: [layer],
        gradient: { seeds: [{ score: 'logit', of: { class: 1 } }], wrt: [layer], relu: 'plain' },
      } as const;
      const expected = await exact!.run(request);
      const found = await narrowed!.run(request);
      expectClose(found.logits, expected.logits);
      expectClose(found.outputs.get(layer), expected.outputs.get(layer)!);
      expectClose(found.gradients[0]!.get(layer), expected.gradients[0]!.get(layer)!);
    }
    exact!.dispose();
    narrowed!.dispose();
  });
});

function twice(): NodeText[] {
  return [
    take('head', 'last', 0, 3),
    take('token', 'head', 1),
    take('again', 'last', 1),
    join('both', { kind: 'add' }, ['token', 'again'], [1, SIZE]),
    ...scores('both', SIZE),
  ];
}
