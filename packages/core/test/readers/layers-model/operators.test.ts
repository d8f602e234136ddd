import { describe, expect, test } from 'vitest';
import { describeModel } from '../../../src/model/describe-model.ts';
import { findNode } from '../../../src/network/network.ts';
import { readNetwork } from '../../../src/readers/layers-model/read-network.ts';
import { recommendTap } from '../../../src/network/taps.ts';
import { functionalModel, input, layer } from '../../helper/keras-model.ts';
import { filesOf } from '../../helper/model-files.ts';

/** One layer after the image, with its call as Keras wrote it. */
function readCall(className: string, config: object, inbound: unknown) {
  const { topology } = functionalModel([input('image', 2, 2, 3), layer(className, 'op')]);
  const model = (topology['model_config'] as { config: { layers: Record<string, unknown>[] } })
    .config;
  model.layers[1] = { name: 'op', class_name: className, config, inbound_nodes: [inbound] };
  return findNode(readNetwork(topology, []), 'op').op;
}

const image = {
  class_name: '__keras_tensor__',
  config: { shape: [null, 2, 2, 3], dtype: 'float32', keras_history: ['image', 0, 0] },
};

describe('operators with a number, which Keras saves as layers', () => {
  test.each([
    ['Add', [image, 3], 1, 3],
    ['Add', [3, image], 1, 3],
    ['Subtract', [image, 3], 1, -3],
    ['Subtract', [3, image], -1, 3],
    ['Multiply', [image, 0.25], 0.25, 0],
    ['TrueDivide', [image, 4], 0.25, 0],
  ])('Keras 3: %s %#', (className, args, scale, offset) => {
    const op = readCall(className, { name: 'op' }, { args, kwargs: {} });
    expect(op).toEqual({ kind: 'affine', scale: [scale], offset: [offset] });
  });

  test.each([
    ['__operators__.add', 1, 3],
    ['math.multiply', 3, 0],
    ['math.truediv', 1 / 3, 0],
  ])('Keras 2: %s', (name, scale, offset) => {
    // Keras writes one list less than for layers; the longer form was taken here before.
    const call = ['image', 0, 0, { y: 3, name: null }];
    for (const inbound of [call, [call]]) {
      const op = readCall('TFOpLambda', { name: 'op', function: name }, inbound);
      expect(op).toEqual({ kind: 'affine', scale: [scale], offset: [offset] });
    }
  });

  test('what is not known is refused by its name', () => {
    const call = ['image', 0, 0, { y: 2, name: null }];
    expect(() => readCall('TFOpLambda', { name: 'op', function: 'math.floormod' }, call)).toThrow(
      /layer op is the operator tf\.math\.floormod, which is not supported/,
    );
  });
});

describe('calls that are not read name the layer and its class', () => {
  const source = ['image', 0, 0, {}];
  test.each([
    ['lists of values inside a list', [[source, source], source]],
    ['values by their names', { left: source, right: source }],
  ])('%s, as layers of people may take them', (what, inbound) => {
    expect(() => readCall('CrossAttention', { name: 'op' }, inbound)).toThrow(
      `layer op (CrossAttention): it is called with ${what}, where one value or one list of values is read (inbound_nodes: `,
    );
  });

  test('what is no call at all is shown by its beginning', () => {
    const inbound = [[7, 'x'.repeat(500)]];
    expect(() => readCall('Add', { name: 'op' }, inbound)).toThrow(
      /^layer op \(Add\): inbound_nodes: expected \[layer, call, output\], found \[7,"x{70,80}\.\.$/,
    );
  });
});

test('a model that returns lists inside a list has the values in their order', () => {
  const { topology, specs } = functionalModel([
    input('image', 2, 2, 3),
    layer('ReLU', 'a'),
    layer('ReLU', 'b'),
    layer('ReLU', 'c'),
  ]);
  const { config } = topology['model_config'] as { config: Record<string, unknown> };
  config['output_layers'] = [[['c', 0, 0], ['a', 0, 0]], ['b', 0, 0]]; // prettier-ignore
  expect(readNetwork(topology, specs).heads.map(({ logits }) => logits)).toEqual(['c', 'a', 'b']);
});

describe('what Keras applications need beside', () => {
  test('CustomScaleLayer of Inception-ResNet: x + scale * y', () => {
    const { topology, specs } = functionalModel([
      input('image', 2, 2, 3),
      layer('ReLU', 'relu'),
      { ...layer('CustomScaleLayer', 'scaled', { scale: 0.17 }), inputs: ['image', 'relu'] },
    ]);
    const network = readNetwork(topology, specs);
    expect(findNode(network, 'scaled/scaled')).toMatchObject({
      op: { kind: 'affine', scale: [0.17], offset: [0] },
      inputs: ['relu'],
    });
    expect(findNode(network, 'scaled')).toMatchObject({
      op: { kind: 'add' },
      inputs: ['image', 'scaled/scaled'],
    });
  });

  test('a concatenation of activations is recommended, and not one of its branches', () => {
    const { topology, specs } = functionalModel([
      input('image', 4, 4, 3),
      layer('ReLU', 'left'),
      { ...layer('ReLU', 'right'), inputs: ['image'] },
      { ...layer('Concatenate', 'mixed'), inputs: ['left', 'right'] },
      layer('GlobalAveragePooling2D', 'average'),
    ]);
    expect(recommendTap(readNetwork(topology, specs)).layer).toBe('mixed');
  });

  test('an input of open size is stated with inputSize', async () => {
    const open = functionalModel([
      {
        name: 'image',
        className: 'InputLayer',
        config: { batch_input_shape: [null, null, null, 3] },
      },
      layer('ReLU', 'relu'),
      layer('GlobalAveragePooling2D', 'average'),
    ]);
    const usual = await describeModel(filesOf(open));
    expect(usual.input).toMatchObject({ height: 224, width: 224 });
    expect(usual.assumptions.join()).toContain('224x224 is assumed (state it with --input-size)');
    const model = await describeModel(filesOf(open), { inputSize: [6, 9] });
    expect(model.input).toMatchObject({ height: 6, width: 9 });
    await expect(describeModel(filesOf(open), { inputSize: [6, 0.5] })).rejects.toMatchObject({
      kind: 'argument',
    });
  });
});
