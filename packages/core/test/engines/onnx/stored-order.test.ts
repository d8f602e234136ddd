import * as ort from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { createNdArray, type NdArray } from '../../../src/base/nd-array.ts';
import { indexNodes } from '../../../src/network/walk-graph.ts';
import { createGraphWriter } from '../../../src/engines/onnx/graph-writer.ts';
import { createOnnxEngine } from '../../../src/engines/onnx/index.ts';
import { lowerNode } from '../../../src/engines/onnx/lower/lower-node.ts';
import {
  asPlain,
  toOrder,
  type StoredValue,
} from '../../../src/engines/onnx/lower/stored-order.ts';
import { createTfjsEngine } from '../../../src/engines/tfjs/index.ts';
import { expectClose } from '../../helper/closeness.ts';
import { nodeNet, type NodeText } from '../../helper/node-net.ts';
import { createRandom, randomArray } from '../../helper/random.ts';

/** Two float32 engines through twenty nodes, some roundings of 2^-24 each; a wrong order shows at 1. */
const TWO_ENGINES = 1e-5;

const random = createRandom(31);
const draw = (...shape: number[]): NdArray => {
  const { data } = randomArray(random, shape);
  return createNdArray(
    shape,
    data.map((value) => value * 0.4),
  );
};
const noPads = { top: 0, bottom: 0, left: 0, right: 0 };
const single = { groups: 1, strides: [1, 1], dilations: [1, 1], padding: noPads } as const;

const input: NodeText = { name: 'image', op: { kind: 'input' }, shape: [4, 3, 5] };
const stem: NodeText = {
  name: 'stem',
  op: { kind: 'conv2d', ...single },
  shape: [4, 3, 6],
  inputs: ['image'],
  weights: { kernel: draw(1, 1, 5, 6) },
};
const head: readonly NodeText[] = [
  {
    name: 'last',
    op: { kind: 'conv2d', ...single },
    shape: [4, 3, 4],
    inputs: ['sum'],
    weights: { kernel: draw(1, 1, 6, 4) },
  },
  { name: 'mean', op: { kind: 'globalAveragePool' }, shape: [4], inputs: ['last'] },
];

const project = (name: string): NodeText => ({
  name,
  op: { kind: 'dense' },
  shape: [12, 6],
  inputs: ['tokens'],
  weights: { kernel: draw(6, 6), bias: draw(6) },
});
const split = (name: string, from: string): NodeText[] => [
  { name: `${name} rows`, op: { kind: 'reshape' }, shape: [12, 2, 3], inputs: [from] },
  {
    name,
    op: { kind: 'permute', dims: [1, 0, 2] },
    shape: [2, 12, 3],
    inputs: [`${name} rows`],
  },
];

/** [heads, tokens, size] has three axes and is no image. */
const attention: readonly NodeText[] = [
  input,
  stem,
  { name: 'tokens', op: { kind: 'reshape' }, shape: [12, 6], inputs: ['stem'] },
  ...['q', 'k', 'v'].map((name) => project(`${name} all`)),
  ...['q', 'k', 'v'].flatMap((name) => split(name, `${name} all`)),
  {
    name: 'products',
    op: { kind: 'matMul', transposeA: false, transposeB: true },
    shape: [2, 12, 12],
    inputs: ['q', 'k'],
  },
  {
    name: 'scaled',
    op: { kind: 'affine', scale: [0.5], offset: [0] },
    shape: [2, 12, 12],
    inputs: ['products'],
  },
  { name: 'shares', op: { kind: 'softmax' }, shape: [2, 12, 12], inputs: ['scaled'] },
  {
    name: 'mixed',
    op: { kind: 'matMul', transposeA: false, transposeB: false },
    shape: [2, 12, 3],
    inputs: ['shares', 'v'],
  },
  {
    name: 'normal',
    op: { kind: 'layerNorm', epsilon: 1e-5 },
    shape: [2, 12, 3],
    inputs: ['mixed'],
    weights: { gamma: draw(3), beta: draw(3) },
  },
  {
    name: 'joined',
    op: { kind: 'permute', dims: [1, 0, 2] },
    shape: [12, 2, 3],
    inputs: ['normal'],
  },
  { name: 'grid', op: { kind: 'reshape' }, shape: [4, 3, 6], inputs: ['joined'] },
  { name: 'sum', op: { kind: 'add' }, shape: [4, 3, 6], inputs: ['stem', 'grid'] },
  ...head,
];

/** Every op that takes any order, once on an image of a convolution and once on one of a dense layer. */
const eitherOrder = (name: string, kind: 'image' | 'dense'): NodeText[] => {
  const first: NodeText =
    kind === 'image'
      ? { ...stem, name: `${name} x` }
      : {
          name: `${name} x`,
          op: { kind: 'dense' },
          shape: [4, 3, 6],
          inputs: ['image'],
          weights: { kernel: draw(5, 6) },
        };
  const on = (step: string, before: string, op: NodeText['op'], more: Partial<NodeText> = {}) => ({
    name: `${name} ${step}`,
    op,
    shape: [4, 3, 6],
    inputs: [`${name} ${before}`],
    ...more,
  });
  const padding = { top: 1, bottom: 0, left: 0, right: 2 };
  const slope = { kind: 'relu', max: null, slope: 0 } as const;
  return [
    first,
    on('scale', 'x', { kind: 'channelScale' }, { weights: { scale: draw(6), bias: draw(6) } }),
    on('affine', 'scale', { kind: 'affine', scale: [1, 2, 3, 1, 2, 3], offset: [0.5] }),
    on('prelu', 'affine', { kind: 'prelu' }, { weights: { alpha: draw(4, 3, 6) } }),
    on('norm', 'prelu', { kind: 'layerNorm', epsilon: 1e-3 }, { weights: { gamma: draw(6) } }),
    on('relu', 'norm', slope),
    on('softmax', 'relu', { kind: 'softmax' }),
    on('padded', 'softmax', { kind: 'pad', padding }, { shape: [5, 5, 6] }),
    on('cropped', 'padded', { kind: 'crop', padding: { ...padding, top: 0, bottom: 1 } }),
    on('rows', 'cropped', { kind: 'sumTo' }, { shape: [4, 1, 6] }),
    on('times', 'rows', { kind: 'multiply' }, { inputs: [`${name} rows`, `${name} norm`] }),
    on('part', 'times', { kind: 'slice', axis: 2, start: 1 }, { shape: [4, 3, 3] }),
    on(
      'joined',
      'part',
      { kind: 'concatenate', axis: 2 },
      { inputs: [`${name} part`, `${name} part`] },
    ),
    on(
      'batch',
      'joined',
      { kind: 'batchNorm', epsilon: 1e-3 },
      { weights: { mean: draw(6), variance: createNdArray([6], new Float32Array(6).fill(2)) } },
    ),
    on('turned', 'batch', { kind: 'permute', dims: [2, 0, 1] }, { shape: [6, 4, 3] }),
    on('flat', 'turned', { kind: 'reshape' }, { shape: [6, 12] }),
    on('rank 2', 'flat', { kind: 'permute', dims: [1, 0] }, { shape: [12, 6] }),
    on(
      'batch of rank 2',
      'rank 2',
      { kind: 'batchNorm', epsilon: 1e-3 },
      {
        shape: [12, 6],
        weights: {
          mean: draw(6),
          variance: createNdArray([6], new Float32Array(6).fill(0.5)),
          gamma: draw(6),
          beta: draw(6),
        },
      },
    ),
    on('grid', 'batch of rank 2', { kind: 'reshape' }),
    on('gate cell', 'grid', { kind: 'slice', axis: 0, start: 2 }, { shape: [1, 3, 6] }),
    on('gate', 'gate cell', { kind: 'sumTo' }, { shape: [1, 1, 6] }),
    on('gated', 'gate', { kind: 'multiply' }, { inputs: [`${name} gate`, `${name} x`] }),
  ];
};
const anyOrder: readonly NodeText[] = [
  input,
  ...eitherOrder('image', 'image'),
  ...eitherOrder('dense', 'dense'),
  { name: 'sum', op: { kind: 'add' }, shape: [4, 3, 6], inputs: ['image gated', 'dense gated'] },
  ...head,
];

describe('values of three axes, images or not', () => {
  test.each([
    { what: 'attention between convolutions', texts: attention },
    { what: 'ops that take any order, on images of both', texts: anyOrder },
  ])('$what: values and gradients as of tfjs', async ({ texts }) => {
    const { network, weights } = nodeNet(texts);
    const names = network.nodes.map(({ name }) => name).filter((name) => name !== 'mean');
    const images = draw(2, 4, 3, 5);
    const one = { shape: [1, 4, 3, 5], data: images.data.subarray(0, 60) };
    const seeds = [0, 3].map((index) => ({ score: 'logit', of: { class: index } }) as const);
    const sessions = [
      await (await createTfjsEngine({ backend: 'cpu' })).open(network, weights),
      await createOnnxEngine(ort).open(network, weights),
    ];
    for (const image of [images, one]) {
      const gradient = { seeds, wrt: names, relu: 'plain' } as const;
      const [expected, actual] = await Promise.all(
        sessions.map((session) => session.run({ inputs: { image }, outputs: names, gradient })),
      );
      for (const name of names) {
        expectClose(actual!.outputs.get(name), expected!.outputs.get(name)!, TWO_ENGINES);
        seeds.forEach((_, s) => {
          const found = actual!.gradients[s]!.get(name);
          expectClose(found, expected!.gradients[s]!.get(name)!, TWO_ENGINES);
        });
      }
    }
    for (const session of sessions) session.dispose();
  });

  test('an axis order that only says anew how a value stands moves nothing', () => {
    const { network, weights } = nodeNet([
      input,
      stem,
      {
        name: 'first',
        op: { kind: 'permute', dims: [2, 0, 1] },
        shape: [6, 4, 3],
        inputs: ['stem'],
      },
      { name: 'flat', op: { kind: 'reshape' }, shape: [6, 12], inputs: ['first'] },
      { name: 'again', op: { kind: 'reshape' }, shape: [6, 4, 3], inputs: ['flat'] },
      {
        name: 'back',
        op: { kind: 'permute', dims: [1, 2, 0] },
        shape: [4, 3, 6],
        inputs: ['again'],
      },
      { ...stem, name: 'next', inputs: ['back'], weights: { kernel: draw(1, 1, 6, 6) } },
    ]);
    const writer = createGraphWriter();
    const nodes = indexNodes(network);
    const values = new Map<string, StoredValue>([['image', asPlain('image')]]);
    for (const node of network.nodes.slice(1)) {
      values.set(node.name, lowerNode(node, { writer, nodes, values, weights }));
    }
    const outputs = [1, 2].map(() => ({
      name: toOrder(writer, values.get('next')!, [4, 3, 6], 'plain'),
      type: 'float32' as const,
      shape: [1, 4, 3, 6],
    }));
    const types = writer.finish([], outputs).graph.nodes.map(({ type }) => type);
    // One transpose into the first convolution, and one out of the last, although it is asked for twice.
    expect(types).toEqual(['Transpose', 'Conv', 'Reshape', 'Reshape', 'Conv', 'Transpose']);
  });
});
