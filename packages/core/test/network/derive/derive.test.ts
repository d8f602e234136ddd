import { describe, expect, test } from 'vitest';
import { deriveGradient } from '../../../src/network/derive/derive.ts';
import type { Network } from '../../../src/network/network.ts';
import { readNetwork } from '../../../src/readers/layers-model/read-network.ts';
import { functionalModel, input, layer } from '../../helper/keras-model.ts';
import { plainNet, residualNet } from '../../helper/small-nets.ts';

const plain = read(plainNet());
const residual = read(residualNet());

function read({ topology, specs }: ReturnType<typeof plainNet>): Network {
  return readNetwork(topology, specs);
}

function derive(network: Network, wrt: readonly string[]) {
  return deriveGradient(network, {
    seedAt: network.heads[0]!.logits,
    wrt,
    relu: 'plain',
  });
}

describe('only what is asked for is derived', () => {
  test('at the last convolution: its tail, never the body', () => {
    const { nodes, uses } = derive(residual, ['last']);
    expect(nodes.map(({ op }) => op.kind)).toEqual(['denseAdjoint', 'globalAveragePoolAdjoint']);
    expect([...uses]).toEqual([]);
  });

  test('before a flatten and two dense layers', () => {
    const { nodes, uses } = derive(plain, ['crop']);
    expect(nodes.map(({ op }) => op.kind)).toEqual([
      'denseAdjoint',
      'reluGradient',
      'denseAdjoint',
      'reshape',
    ]);
    expect([...uses]).toEqual(['fc1']);
  });

  test('at the input: one adjoint for each op on the way, the pad’s within its convolution’s', () => {
    const { nodes } = derive(plain, ['image']);
    expect(plain.nodes.filter(({ op }) => op.kind === 'pad')).toHaveLength(1);
    expect(nodes).toHaveLength(plain.nodes.length - 2);
    expect(nodes.filter(({ op }) => op.kind === 'crop')).toEqual([]);
  });

  test('at the logits: the seed itself, and nothing', () => {
    const { nodes, gradients } = derive(plain, ['fc2']);
    expect(nodes).toEqual([]);
    expect(gradients.get('fc2')).toBe('seed');
  });

  test('a branch that does not lead to what is asked for is left out', () => {
    const { nodes } = derive(residual, ['conv2']);
    // Through sum3 the gradient comes back by relu2 and by depthwise; relu1's own part is not needed.
    expect(nodes.map(({ op }) => op.kind)).toEqual([
      'denseAdjoint',
      'globalAveragePoolAdjoint',
      'reluGradient',
      'averagePoolAdjoint',
      'depthwiseConv2dAdjoint',
      'reluGradient',
      'add',
    ]);
  });
});

describe('where branches meet', () => {
  test('each branch gets the gradient of the sum, and what is used twice sums its parts', () => {
    const network = read(
      functionalModel([
        input('x', 2, 2, 1),
        layer('ReLU', 'a'),
        { ...layer('Add', 'sum'), inputs: ['x', 'a', 'x'] },
      ]),
    );
    const { nodes, gradients } = deriveGradient(network, {
      seedAt: 'sum',
      wrt: ['x', 'a'],
      relu: 'plain',
    });
    expect(gradients.get('a')).toBe('seed');
    const sum = nodes.find(({ name }) => name === gradients.get('x'))!;
    expect(sum.op.kind).toBe('add');
    expect(sum.inputs).toEqual(['seed', 'seed', 'a back to 0']);
  });

  test('every node comes after its inputs and has a name of its own', () => {
    const { nodes, seed, uses } = derive(residual, ['image', 'conv2', 'relu1']);
    const known = new Set([seed, ...uses]);
    for (const { name, inputs } of nodes) {
      expect(known.has(name)).toBe(false);
      for (const before of inputs) expect(known).toContain(before);
      known.add(name);
    }
  });
});

test('a layer that does not lead to the score is an error', () => {
  const network = read(
    functionalModel(
      [
        input('x', 2, 2, 1),
        { ...layer('ReLU', 'aside'), inputs: ['x'] },
        { ...layer('Flatten', 'out'), inputs: ['x'] },
      ],
      ['out', 'aside'],
    ),
  );
  expect(() => deriveGradient(network, { seedAt: 'out', wrt: ['aside'], relu: 'plain' })).toThrow(
    expect.objectContaining({ kind: 'not-found', message: expect.stringContaining('aside') }),
  );
});
