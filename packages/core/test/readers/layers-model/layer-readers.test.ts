import { describe, expect, test } from 'vitest';
import type { NdArray } from '../../../src/base/nd-array.ts';
import { readNetwork } from '../../../src/readers/layers-model/read-network.ts';
import { layerReaders } from '../../../src/readers/layers-model/layers/layer-readers.ts';
import { recommendTap } from '../../../src/network/taps.ts';
import { array } from '../../helper/array.ts';
import { functionalModel, input, layer, type LayerSpec } from '../../helper/keras-model.ts';

/** Reads a model of these layers, as Keras 2 or 3 wrote it. */
function read(layers: readonly LayerSpec[], version = '2.15.0') {
  const { topology, specs } = functionalModel(layers);
  return readNetwork({ ...topology, keras_version: version }, specs);
}

const image = input('image', 4, 6, 3);

/** The last node of the image and one layer. */
function readOne(spec: LayerSpec, version?: string) {
  return read([image, spec], version).nodes.at(-1)!;
}

function sized(...shape: number[]): NdArray {
  return { shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) };
}

const activation = (name: string): LayerSpec => layer('Activation', 'act', { activation: name });

describe('names that Keras 3 changed', () => {
  test('LeakyReLU: alpha, then negative_slope; .3 by default', () => {
    expect(readOne(layer('LeakyReLU', 'leaky', { alpha: 0.1 })).op).toMatchObject({ slope: 0.1 });
    const renamed = layer('LeakyReLU', 'leaky', { negative_slope: 0.2 });
    expect(readOne(renamed, '3.6.0').op).toMatchObject({ kind: 'relu', slope: 0.2, max: null });
    expect(readOne(layer('LeakyReLU', 'leaky')).op).toMatchObject({ slope: 0.3 });
  });

  test.each([
    ['hard_sigmoid', 'hardSigmoid'],
    ['hard_swish', 'hardSwish'],
    ['hard_silu', 'hardSwish'],
  ])('%s: slope 1/5, then 1/6', (name, fn) => {
    expect(readOne(activation(name), '2.15.0').op).toMatchObject({
      fn: { name: fn, slope: 1 / 5 },
    });
    expect(readOne(activation(name), 'tfjs-layers 4.22.0').op).toMatchObject({
      fn: { slope: 1 / 5 },
    });
    expect(readOne(activation(name), '3.15.1').op).toMatchObject({ fn: { slope: 1 / 6 } });
  });
});

describe('what a class means', () => {
  test.each([
    ['silu', { name: 'swish' }],
    ['gelu', { name: 'gelu' }],
    ['gelu_new', { name: 'geluTanh' }],
    ['elu', { name: 'elu', alpha: 1 }],
  ])('activation %s', (name, fn) => {
    expect(readOne(activation(name)).op).toEqual({ kind: 'activation', fn });
  });

  test('the pass-through layers vanish', () => {
    const network = read([
      image,
      layer('GaussianNoise', 'a', { stddev: 0.1 }),
      layer('GaussianDropout', 'b', { rate: 0.1 }),
      layer('AlphaDropout', 'c', { rate: 0.1 }),
      layer('SpatialDropout2D', 'd', { rate: 0.1, data_format: null }),
      layer('ActivityRegularization', 'e', { l1: 0.1, l2: 0.2 }),
    ]);
    expect(network.nodes).toHaveLength(1);
    expect(network.heads[0]!.logits).toBe('image');
  });

  test('PReLU: one slope for each element, or for each along shared axes', () => {
    const prelu = (shape: readonly number[], shared_axes: unknown) =>
      readOne(layer('PReLU', 'prelu', { shared_axes }, { alpha: sized(...shape) }));
    expect(prelu([4, 6, 3], null).weights).toEqual({ alpha: 'prelu/alpha' });
    expect(prelu([1, 1, 3], [1, 2]).op.kind).toBe('prelu');
    expect(() => prelu([4, 6, 3], [1, 2])).toThrow(/expected shape \[1, 1, 3\]/);
  });

  test('Normalization by its weights, and by attributes', () => {
    const statistics = { mean: sized(3), variance: sized(3), count: sized() };
    expect(readOne(layer('Normalization', 'n', { axis: [-1] }, statistics))).toMatchObject({
      op: { kind: 'batchNorm' },
      weights: { mean: 'n/mean', variance: 'n/variance' },
    });
    const given = { axis: -1, mean: [[1, 2, 3]], variance: [[4, 0.25, 0]] };
    // A variance of nothing is held at (1e-7)^2.
    expect(readOne(layer('Normalization', 'n', given)).op).toEqual({
      kind: 'affine',
      scale: [0.5, 2, 1e7],
      offset: [-0.5, -4, -3e7],
    });
  });

  test('Rescaling with a number for each channel', () => {
    const spec = layer('Rescaling', 'r', { scale: [1, 2, 3], offset: -1 });
    expect(readOne(spec).op).toEqual({ kind: 'affine', scale: [1, 2, 3], offset: [-1] });
  });

  test('Average is a sum and a share; Maximum goes two by two', () => {
    const joined = (className: string): LayerSpec => ({
      ...layer(className, 'join'),
      inputs: ['image', 'a', 'b'],
    });
    const network = (className: string) =>
      read([
        image,
        layer('ReLU', 'a'),
        { ...layer('ReLU', 'b'), inputs: ['image'] },
        joined(className),
      ]).nodes.slice(3);
    expect(network('Average').map(({ op }) => op)).toEqual([
      { kind: 'add' },
      { kind: 'affine', scale: [1 / 3], offset: [0] },
    ]);
    expect(network('Maximum').map(({ name, inputs }) => [name, inputs])).toEqual([
      ['join/of 2', ['image', 'a']],
      ['join', ['join/of 2', 'b']],
    ]);
  });

  test('a softmax over rows exchanges axes around the softmax', () => {
    const { nodes } = read([image, layer('Softmax', 's', { axis: 1 })]);
    expect(nodes.slice(1).map(({ op, shape }) => [op.kind, shape])).toEqual([
      ['permute', [6, 3, 4]],
      ['softmax', [6, 3, 4]],
      ['permute', [4, 6, 3]],
    ]);
  });

  test('SeparableConv2D is two convolutions, the second with the layer’s name and bias', () => {
    const spec = layer(
      'SeparableConv2D',
      'sep',
      { filters: 5, kernel_size: 3, depth_multiplier: 2, activation: 'relu' },
      {
        depthwise_kernel: sized(3, 3, 3, 2),
        pointwise_kernel: sized(1, 1, 6, 5),
        bias: sized(5),
      },
    );
    expect(read([image, spec]).nodes.slice(1)).toMatchObject([
      { name: 'sep/depthwise', shape: [2, 4, 6], weights: { kernel: 'sep/depthwise_kernel' } },
      {
        name: 'sep/linear',
        shape: [2, 4, 5],
        weights: { kernel: 'sep/pointwise_kernel', bias: 'sep/bias' },
      },
      { name: 'sep', op: { kind: 'relu' } },
    ]);
  });
});

describe('refused by name', () => {
  const pair = (className: string, second: LayerSpec, config = {}): LayerSpec[] => [
    image,
    second,
    { ...layer(className, 'odd', config), inputs: ['image', second.name] },
  ];
  test.each([
    ['two ranks', pair('Add', layer('Flatten', 'flat')), 'one shape, not [4, 6, 3] and [72]'],
    [
      'two shapes',
      pair('Multiply', layer('ZeroPadding2D', 'pad')),
      'one shape, not [4, 6, 3] and [6, 8, 3]',
    ],
    [
      'concatenation across',
      pair('Concatenate', layer('ZeroPadding2D', 'pad'), { axis: 3 }),
      'attribute axis is 3',
    ],
    ['concatenation of batches', pair('Concatenate', layer('ReLU', 'x'), { axis: 0 }), 'axis is 0'],
    [
      'subtraction of three',
      [image, layer('ReLU', 'x'), { ...layer('Subtract', 'odd'), inputs: ['image', 'x', 'x'] }],
      'two inputs',
    ],
    ['a join of one', [image, layer('Add', 'odd')], 'at least two inputs'],
    ['softmax over nothing', [image, layer('Softmax', 'odd', { axis: 4 })], 'axis is 4'],
    ['lanczos', [image, layer('UpSampling2D', 'odd', { interpolation: 'lanczos3' })], 'lanczos3'],
    ['a permutation', [image, layer('Permute', 'odd', { dims: [1, 2, 2] })], 'dims is [1,2,2]'],
    ['an inverse by weights', [image, layer('Normalization', 'odd', { invert: true })], 'invert'],
    ['two scales', [image, layer('Rescaling', 'odd', { scale: [1, 2] })], 'one number or 3'],
  ] as const)('%s', (_, layers, message) => {
    expect(() => read(layers)).toThrow(
      expect.objectContaining({
        kind: 'unsupported',
        message: expect.stringMatching(
          new RegExp(`layer odd.*${message.replace(/[[\]]/g, '\\$&')}`),
        ),
      }),
    );
  });
});

test('auto takes the last spatial layer after an activation, smooth ones too', () => {
  const mixing = layer(
    'Conv2D',
    'mix',
    { filters: 2, kernel_size: 1, use_bias: false },
    {
      kernel: array([
        [
          [
            [0, 0],
            [0, 0],
            [0, 0],
          ],
        ],
      ]),
    },
  );
  expect(recommendTap(read([image, activation('swish'), mixing])).layer).toBe('act');
  expect(recommendTap(read([image, mixing, layer('MaxPooling2D', 'pool')])).layer).toBe('pool');
});

test('the readers’ names are those of Keras', () => {
  expect([...layerReaders.keys()]).toMatchSnapshot();
});
