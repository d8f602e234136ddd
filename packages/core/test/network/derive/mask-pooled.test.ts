import { beforeAll, describe, expect, test } from 'vitest';
import { deriveGradient } from '../../../src/network/derive/derive.ts';
import type { Engine } from '../../../src/engines/port/engine.ts';
import type { ReluPolicy } from '../../../src/network/op.ts';
import { readNetwork } from '../../../src/readers/layers-model/read-network.ts';
import { createEngine, engineNames } from '../../helper/engines.ts';
import { functionalModel, input } from '../../helper/keras-model.ts';

/** A row of cells through a ReLU and a max pool over it. */
function rowModel(cells: number, size: number, stride: number) {
  return functionalModel([
    input('image', 1, cells, 1),
    { name: 'relu', className: 'ReLU', config: {} },
    {
      name: 'pool',
      className: 'MaxPooling2D',
      config: { pool_size: [1, size], strides: [1, stride], padding: 'valid' },
    },
    { name: 'flat', className: 'Flatten', config: {} },
  ]);
}

interface RowCase {
  readonly what: string;
  readonly window: readonly [size: number, stride: number];
  readonly row: readonly number[];
  /** Gradient of the score with respect to the pool's result. */
  readonly upstream: readonly number[];
  /** By hand: what comes to the row. */
  readonly expected: Readonly<Record<ReluPolicy, readonly number[]>>;
}

const cases: readonly RowCase[] = [
  {
    what: 'windows apart',
    window: [2, 2],
    row: [1, 4, -3, 2, -1, -2],
    upstream: [5, -7, 3],
    // Of the third window all are shut: the largest is the first of two zeros.
    expected: {
      plain: [0, 5, 0, -7, 0, 0],
      guided: [0, 5, 0, 0, 0, 0],
      deconvnet: [0, 5, 0, 0, 3, 0],
    },
  },
  {
    what: 'windows that overlap: both send to the same cell, and their sum counts',
    window: [3, 2],
    row: [1, -1, 3, -2, 2],
    upstream: [2, -5],
    expected: { plain: [0, 0, -3, 0, 0], guided: [0, 0, 0, 0, 0], deconvnet: [0, 0, 0, 0, 0] },
  },
  {
    what: 'the same with a positive sum',
    window: [3, 2],
    row: [1, -1, 3, -2, 2],
    upstream: [5, -2],
    expected: { plain: [0, 0, 3, 0, 0], guided: [0, 0, 3, 0, 0], deconvnet: [0, 0, 3, 0, 0] },
  },
  {
    what: 'of equal cells the first',
    window: [2, 2],
    row: [2, 2, 0, 0],
    upstream: [1, 1],
    expected: { plain: [1, 0, 0, 0], guided: [1, 0, 0, 0], deconvnet: [1, 0, 1, 0] },
  },
];

describe.each(engineNames)('a ReLU before a max pool on %s', (name) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await createEngine(name);
  });

  describe.each(['plain', 'guided', 'deconvnet'] as const)('%s', (relu) => {
    test.each(cases)('$what', async ({ window, row, upstream, expected }) => {
      const { topology, specs, weights } = rowModel(row.length, ...window);
      const session = await engine.open(readNetwork(topology, specs), weights);
      const { gradients } = await session.run({
        inputs: { image: { shape: [1, 1, row.length, 1], data: Float32Array.from(row) } },
        outputs: [],
        gradient: { seeds: [Float32Array.from(upstream)], wrt: ['image'], relu },
      });
      session.dispose();
      expect([...gradients[0]!.get('image')!.data].map((value) => value + 0)).toEqual(
        expected[relu],
      );
    });
  });
});

describe('where it is masked', () => {
  const derive = (relu: ReluPolicy, window: readonly [number, number], wrt: readonly string[]) => {
    const { topology, specs } = rowModel(5, ...window);
    const network = readNetwork(topology, specs);
    return deriveGradient(network, { seedAt: network.heads[0]!.logits, wrt, relu });
  };
  const kinds = (derivative: ReturnType<typeof derive>) =>
    derivative.nodes.map(({ op, shape }) => [
      op.kind === 'reluGradient' ? op.policy : op.kind,
      shape.join('x'),
    ]);

  test('at the size of the pool', () => {
    expect(kinds(derive('guided', [2, 2], ['image']))).toEqual([
      ['reshape', '1x2x1'],
      ['guided', '1x2x1'],
      ['maxPoolGradient', '1x5x1'],
    ]);
  });

  test('windows that overlap: only positive sums pass, which is told behind the pool', () => {
    expect(kinds(derive('guided', [3, 2], ['image']))).toEqual([
      ['reshape', '1x2x1'],
      ['plain', '1x2x1'],
      ['maxPoolGradient', '1x5x1'],
      ['deconvnet', '1x5x1'],
    ]);
  });

  test('a gradient that is asked for between them is not masked', () => {
    const { gradients, nodes } = derive('plain', [2, 2], ['relu', 'image']);
    const asked = nodes.find(({ name }) => name === gradients.get('relu'));
    expect(asked?.op.kind).toBe('maxPoolGradient');
    expect(kinds(derive('plain', [2, 2], ['relu', 'image'])).map(([kind]) => kind)).toEqual([
      'reshape',
      'maxPoolGradient',
      'plain',
    ]);
  });
});
