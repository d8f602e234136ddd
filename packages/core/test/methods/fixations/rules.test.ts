import { describe, expect, test } from 'vitest';
import type { NdArray } from '../../../src/base/nd-array.ts';
import { computeFixations } from '../../../src/methods/fixations/cnn-fixations.ts';
import { removeOutliers } from '../../../src/methods/fixations/fixation-map.ts';
import type { FixationConvention } from '../../../src/methods/fixations/crossing.ts';
import type { Seed } from '../../../src/engines/port/seed.ts';
import { noPadding } from '../../../src/network/op.ts';
import { createEngine } from '../../helper/engines.ts';
import { array } from '../../helper/array.ts';
import { nodeNet, type NodeText } from '../../helper/node-net.ts';

/** A picture [4, 5, 2] of small values, with one large value in the second channel of row 2, column 3. */
const HOT = { row: 2, column: 3 };
const picture: NdArray = {
  shape: [1, 4, 5, 2],
  data: Float32Array.from({ length: 40 }, (_, i) => (i === (2 * 5 + 3) * 2 + 1 ? 9 : (i % 3) / 4)),
};
const image: NodeText = { name: 'image', op: { kind: 'input' }, shape: [4, 5, 2] };
const sideways = { top: 1, bottom: 0, left: 2, right: 3 };

/** The nodes, then a maximum over the grid and a sum over channels as the score. */
function withHead(nodes: readonly NodeText[]): NodeText[] {
  const last = nodes.at(-1) ?? image;
  const channels = last.shape.at(-1)!;
  return [
    image,
    ...nodes,
    { name: 'most', op: { kind: 'globalMaxPool' }, shape: [channels], inputs: [last.name] },
    {
      ...{ name: 'score', op: { kind: 'dense' }, shape: [1], inputs: ['most'] },
      weights: { kernel: { shape: [channels, 1], data: new Float32Array(channels).fill(1) } },
    },
  ];
}

async function fixationsOf(
  nodes: readonly NodeText[],
  options: { convention?: FixationConvention; of?: Seed['of'] } = {},
): Promise<{ row: number; column: number; count: number }[]> {
  const { network, weights } = nodeNet(nodes);
  const session = await (await createEngine('cpu')).open(network, weights);
  try {
    const { of = { class: 0 }, ...rest } = options;
    const [found] = await computeFixations(session, picture, {
      seeds: [{ score: 'logit', of }],
      ...rest,
    });
    return [...found!.points];
  } finally {
    session.dispose();
  }
}

const constant = (name: string, values: NdArray): NodeText => ({
  ...{ name, op: { kind: 'constant' }, shape: values.shape },
  weights: { value: values },
});

/** Chains after which the largest value must lead back to the same pixel. */
const chains: Readonly<Record<string, readonly NodeText[]>> = {
  nothing: [],
  pad: [
    { name: 'a', op: { kind: 'pad', padding: sideways }, shape: [5, 10, 2], inputs: ['image'] },
  ],
  crop: [
    {
      ...{ name: 'a', shape: [3, 3, 2], inputs: ['image'] },
      op: { kind: 'crop', padding: { top: 1, bottom: 0, left: 1, right: 1 } },
    },
  ],
  permute: [
    { name: 'a', op: { kind: 'permute', dims: [1, 0, 2] }, shape: [5, 4, 2], inputs: ['image'] },
  ],
  slice: [
    { name: 'a', op: { kind: 'slice', axis: 0, start: 2 }, shape: [2, 5, 2], inputs: ['image'] },
  ],
  'backward stride': [
    {
      ...{ name: 'a', shape: [4, 3, 2], inputs: ['image'] },
      op: { kind: 'stride', axis: 1, start: 4, step: -1 },
    },
  ],
  gather: [
    {
      ...{ name: 'a', shape: [4, 5, 3], inputs: ['image'] },
      op: { kind: 'gather', axis: 2, indices: [1, 0, 1] },
    },
  ],
  'nearest resize': [
    {
      ...{ name: 'a', shape: [8, 15, 2], inputs: ['image'] },
      op: { kind: 'resizeNearest', factors: [2, 3] },
    },
  ],
  'reshape and sum over rows': [
    { name: 'a', op: { kind: 'maxTo' }, shape: [4, 1, 2], inputs: ['image'] },
    { name: 'b', op: { kind: 'sumTo' }, shape: [1, 1, 2], inputs: ['a'] },
  ],
  'sum with a constant': [
    constant('c', array([[[1, 2]]])),
    { name: 'a', op: { kind: 'add' }, shape: [4, 5, 2], inputs: ['c', 'image'] },
  ],
  'difference and quotient': [
    constant('c', array([[[1, 2]]])),
    { name: 'a', op: { kind: 'subtract' }, shape: [4, 5, 2], inputs: ['image', 'c'] },
    { name: 'b', op: { kind: 'divide' }, shape: [4, 5, 2], inputs: ['a', 'c'] },
  ],
  'maximum of the picture and its half': [
    {
      name: 'h',
      op: { kind: 'affine', scale: [0.5], offset: [0] },
      shape: [4, 5, 2],
      inputs: ['image'],
    },
    { name: 'a', op: { kind: 'maximum' }, shape: [4, 5, 2], inputs: ['h', 'image'] },
  ],
  'gate of squeeze and excitation': [
    { name: 'm', op: { kind: 'sumTo' }, shape: [1, 1, 2], inputs: ['image'] },
    { name: 'g', op: { kind: 'sigmoid' }, shape: [1, 1, 2], inputs: ['m'] },
    { name: 'a', op: { kind: 'multiply' }, shape: [4, 5, 2], inputs: ['image', 'g'] },
  ],
  'join with a row of constants': [
    constant('c', { shape: [1, 5, 2], data: new Float32Array(10) }),
    { name: 'a', op: { kind: 'concatenate', axis: 0 }, shape: [5, 5, 2], inputs: ['c', 'image'] },
  ],
};

describe('the largest value leads back to its pixel', () => {
  test.each(Object.keys(chains))('through %s', async (name) => {
    const points = await fixationsOf(withHead(chains[name]!));
    expect(points.map(({ row, column }) => ({ row, column }))).toContainEqual(HOT);
  });
});

/** A convolution whose filter sees the second channel alone, at the lower right of its 3 x 3 window. */
const kernel: NdArray = {
  shape: [3, 3, 2, 1],
  data: Float32Array.from({ length: 18 }, (_, i) => (i === 17 ? 1 : 0)),
};
const strided: NodeText = {
  ...{ name: 'conv', shape: [1, 2, 1], inputs: ['image'], weights: { kernel } },
  op: { kind: 'conv2d', groups: 1, strides: [2, 2], dilations: [1, 1], padding: noPadding },
};

describe('a convolution', () => {
  // Its windows begin at columns 0 and 2, with 0.25 and 0.5 at their lower right: the second wins.
  test('stands at the centre of its window', async () => {
    const convention = { window: 'centre', batchNorm: 'folded' } as const;
    expect(await fixationsOf(withHead([strided]), { convention })).toEqual([
      { row: 1, column: 3, count: 1 },
    ]);
  });

  test('or at its output place times the stride, as in the authors’ program', async () => {
    const convention = { window: 'origin', batchNorm: 'ignored' } as const;
    expect(await fixationsOf(withHead([strided]), { convention })).toEqual([
      { row: 0, column: 2, count: 1 },
    ]);
  });
});

describe('a batch normalisation with a negative gamma', () => {
  // Sums of the channels with weights 1 and -2. Behind gamma -1, the negative contribution is the one to follow.
  const ends = { shape: [1], data: Float32Array.of(-1) };
  const nodes = withHead([
    {
      ...{ name: 'conv', shape: [2, 2, 1], inputs: ['image'] },
      op: { kind: 'conv2d', groups: 1, strides: [2, 3], dilations: [1, 1], padding: noPadding },
      weights: { kernel: array([[[[1], [-2]]]]) },
    },
    {
      ...{ name: 'bn', op: { kind: 'batchNorm', epsilon: 0 }, shape: [2, 2, 1], inputs: ['conv'] },
      weights: {
        mean: { shape: [1], data: Float32Array.of(0) },
        variance: { shape: [1], data: Float32Array.of(1) },
        gamma: ends,
      },
    },
  ]);

  test('asks for what lowers the value before it', async () => {
    // (2, 3) has 9 in the second channel: -(-2 * 9) is the largest value.
    expect(await fixationsOf(nodes)).toEqual([{ ...HOT, count: 1 }]);
  });
});

describe('points that lie alone', () => {
  const at = (row: number, column: number, count = 1) => ({ row, column, count });

  test('are left out: 1 of 21 is less than 5 %, and its neighbours are farther than a tenth', () => {
    expect(removeOutliers([at(5, 5, 20), at(90, 90)], [100, 100])).toEqual([at(5, 5, 20)]);
    // 1 of 19 is more.
    expect(removeOutliers([at(5, 5, 18), at(90, 90)], [100, 100])).toHaveLength(2);
  });

  test('stay where all of them do', () => {
    const alone = Array.from({ length: 25 }, (_, i) => at(Math.floor(i / 5) * 20, (i % 5) * 20));
    expect(removeOutliers(alone, [100, 100])).toEqual(alone);
  });
});

describe('where a score starts', () => {
  test('not: the cells that lower the score', async () => {
    const nodes: NodeText[] = [
      image,
      {
        ...{ name: 'most', op: { kind: 'globalMaxPool' }, shape: [2], inputs: ['image'] },
      },
      {
        ...{ name: 'score', op: { kind: 'dense' }, shape: [1], inputs: ['most'] },
        weights: { kernel: array([[1], [-1]]) },
      },
    ];
    expect(await fixationsOf(nodes, { of: { not: 0 } })).toEqual([{ ...HOT, count: 1 }]);
  });
});

describe('what cannot be unravelled is refused before anything runs', () => {
  test.each<readonly [string, readonly NodeText[], RegExp]>([
    [
      'an op without a rule',
      [{ name: 'mix', op: { kind: 'softmax' }, shape: [4, 5, 2], inputs: ['image'] }],
      /cnn-fixations does not work on model nodes: .*softmax at 'mix'; use occlusion/,
    ],
    [
      'a product of two maps',
      [
        {
          name: 'q',
          op: { kind: 'permute', dims: [1, 0, 2] },
          shape: [5, 4, 2],
          inputs: ['image'],
        },
        { name: 'r', op: { kind: 'sigmoid' }, shape: [5, 4, 2], inputs: ['q'] },
        { name: 'p', op: { kind: 'multiply' }, shape: [5, 4, 2], inputs: ['q', 'r'] },
      ],
      /multiply at 'p' is a product of several maps/,
    ],
  ])('%s', async (_, nodes, message) => {
    await expect(fixationsOf(withHead(nodes))).rejects.toThrow(message);
  });
});
