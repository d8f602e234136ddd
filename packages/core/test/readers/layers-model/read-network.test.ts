import { describe, expect, test } from 'vitest';
import type { NdArray } from '../../../src/base/nd-array.ts';
import { readNetwork } from '../../../src/readers/layers-model/read-network.ts';
import {
  functionalConfig,
  functionalModel,
  input,
  layer,
  sequentialModel,
  type LayerSpec,
  type TestModel,
} from '../../helper/keras-model.ts';

function read({ topology, specs }: Pick<TestModel, 'topology' | 'specs'>) {
  return readNetwork(topology, specs);
}

/** Weights of some shape; their values do not matter here. */
function sized(...shape: number[]): NdArray {
  return { shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) };
}

const image = input('image', 6, 6, 3);
const conv: LayerSpec = layer(
  'Conv2D',
  'conv',
  { filters: 2, kernel_size: [3, 3] },
  { kernel: sized(3, 3, 3, 2), bias: sized(2) },
);

/** Each node as `name = kind(inputs)`. */
function outline({ nodes }: ReturnType<typeof read>): string[] {
  return nodes.map(({ name, op, inputs }) => `${name} = ${op.kind}(${inputs.join(', ')})`);
}

function refusal(kind: string, ...parts: string[]) {
  return expect.objectContaining({
    kind,
    message: expect.stringMatching(new RegExp(parts.join('.*'))),
  });
}

describe('forms of a model', () => {
  test('Functional: shapes, windows and weights are resolved', () => {
    const { nodes, inputs, name } = read(functionalModel([image, conv]));
    expect({ inputs, name }).toEqual({ inputs: ['image'], name: 'model' });
    expect(nodes[1]).toEqual({
      name: 'conv',
      op: {
        kind: 'conv2d',
        groups: 1,
        strides: [1, 1],
        dilations: [1, 1],
        padding: { top: 0, bottom: 0, left: 0, right: 0 },
      },
      inputs: ['image'],
      shape: [4, 4, 2],
      weights: { kernel: 'conv/kernel', bias: 'conv/bias' },
    });
  });

  test('SAME puts the odd cell at the bottom and right', () => {
    const model = functionalModel([
      image,
      { ...conv, config: { ...conv.config, strides: 2, padding: 'same' } },
    ]);
    const { op, shape } = read(model).nodes[1]!;
    expect(shape).toEqual([3, 3, 2]);
    expect(op).toMatchObject({ padding: { top: 0, bottom: 1, left: 0, right: 1 } });
  });

  test('Sequential: with an input layer, and with the shape on the first layer', () => {
    const rest = [conv, layer('Flatten', 'flat')];
    expect(outline(read(sequentialModel([image, ...rest])))).toEqual([
      'image = input()',
      'conv = conv2d(image)',
      'flat = reshape(conv)',
    ]);
    const shaped = {
      ...conv,
      config: { ...conv.config, batch_input_shape: [null, 6, 6, 3] },
    };
    expect(outline(read(sequentialModel([shaped, layer('Flatten', 'flat')])))).toEqual([
      'conv_input = input()',
      'conv = conv2d(conv_input)',
      'flat = reshape(conv)',
    ]);
  });

  test('layers may stand in any order', () => {
    const ordered = functionalModel([image, conv, layer('ReLU', 'relu')]);
    const { config } = (ordered.topology as { model_config: { config: { layers: unknown[] } } })
      .model_config;
    const shuffled = {
      model_config: {
        class_name: 'Functional',
        config: { ...config, layers: [...config.layers].reverse() },
      },
    };
    expect(outline(read({ ...ordered, topology: shuffled }))).toEqual(outline(read(ordered)));
  });

  test('a size that the model leaves open can be given', () => {
    const model = functionalModel([
      { ...image, config: { batch_input_shape: [null, null, null, 3] } },
      conv,
    ]);
    expect(read(model).notes.join()).toContain('224x224 is assumed');
    const network = readNetwork(model.topology, model.specs, { inputSize: [8, 5] });
    expect(network.nodes.map(({ shape }) => shape)).toEqual([
      [8, 5, 3],
      [6, 3, 2],
    ]);
  });
});

describe('Keras 3', () => {
  test('names inputs by tensors inside args, and a single output without a list around it', () => {
    const tensor = (name: string) => ({
      class_name: '__keras_tensor__',
      config: { shape: [null, 6, 6, 3], dtype: 'float32', keras_history: [name, 0, 0] },
    });
    const record = (
      name: string,
      className: string,
      config: Record<string, unknown>,
      args: unknown[],
    ) => ({
      module: 'keras.layers',
      class_name: className,
      registered_name: null,
      build_config: { input_shape: [null, 6, 6, 3] },
      name,
      config: {
        name,
        trainable: true,
        dtype: { module: 'keras', class_name: 'DTypePolicy', config: { name: 'float32' } },
        ...config,
      },
      inbound_nodes: args.length === 0 ? [] : [{ args, kwargs: {} }],
    });
    const config = {
      name: 'functional_1',
      layers: [
        record('x', 'InputLayer', { batch_shape: [null, 6, 6, 3], sparse: false }, []),
        record('a', 'ReLU', { max_value: null, negative_slope: 0, threshold: 0 }, [tensor('x')]),
        record('sum', 'Add', {}, [[tensor('x'), tensor('a')]]),
      ],
      input_layers: [['x', 0, 0]],
      output_layers: ['sum', 0, 0],
    };
    const network = readNetwork(
      { keras_version: '3.6.0', model_config: { class_name: 'Functional', config } },
      [],
    );
    expect(outline(network)).toEqual(['x = input()', 'a = relu(x)', 'sum = add(x, a)']);
    expect(network.nodes[0]!.shape).toEqual([6, 6, 3]);
  });

  test('calls the kernel of a depthwise convolution `kernel`', () => {
    const model = (suffix: string) =>
      functionalModel([
        image,
        layer(
          'DepthwiseConv2D',
          'deep',
          { kernel_size: 3, use_bias: false },
          { [suffix]: sized(3, 3, 3, 1) },
        ),
      ]);
    expect(read(model('kernel')).nodes[1]!.weights).toEqual({ kernel: 'deep/kernel' });
    expect(read(model('depthwise_kernel')).nodes[1]!.weights).toEqual({
      kernel: 'deep/depthwise_kernel',
    });
  });
});

describe('what is taken apart or left out', () => {
  test('a fused activation is a node of its own and has the layer’s name', () => {
    const model = functionalModel([
      image,
      { ...conv, config: { ...conv.config, activation: 'relu' } },
    ]);
    const network = read(model);
    expect(outline(network)).toEqual([
      'image = input()',
      'conv/linear = conv2d(image)',
      'conv = relu(conv/linear)',
    ]);
    expect(network.layers.get('conv')).toBe('conv');
  });

  test('dropout disappears, and its name still finds the value', () => {
    const network = read(
      functionalModel([
        image,
        conv,
        layer('Dropout', 'drop', { rate: 0.5, noise_shape: null, seed: 3 }),
        layer('ReLU', 'relu'),
      ]),
    );
    expect(outline(network)).toEqual([
      'image = input()',
      'conv = conv2d(image)',
      'relu = relu(conv)',
    ]);
    expect(network.layers.get('drop')).toBe('conv');
  });
});

describe('heads', () => {
  const flat = [image, layer('Flatten', 'flat')];
  const scores = layer('Dense', 'scores', { units: 4 }, { kernel: sized(108, 4), bias: sized(4) });

  test('logits', () => {
    expect(read(functionalModel([...flat, scores])).heads).toEqual([
      { logits: 'scores', probabilities: null, activation: 'linear', shape: [4], classes: 4 },
    ]);
  });

  test('softmax as a layer of its own', () => {
    const model = functionalModel([...flat, scores, layer('Softmax', 'predictions')]);
    expect(read(model).heads).toEqual([
      {
        logits: 'scores',
        probabilities: 'predictions',
        activation: 'softmax',
        shape: [4],
        classes: 4,
      },
    ]);
  });

  test.each(['softmax', 'sigmoid'])('%s fused into the last layer', (activation) => {
    const fused = { ...scores, config: { units: 4, activation } };
    expect(read(functionalModel([...flat, fused])).heads).toEqual([
      { logits: 'scores/linear', probabilities: 'scores', activation, shape: [4], classes: 4 },
    ]);
  });

  test('softmax before a reshape, as in the first MobileNet', () => {
    const model = functionalModel([
      ...flat,
      scores,
      layer('Activation', 'softmax', { activation: 'softmax' }),
      layer('Reshape', 'reshape', { target_shape: [2, 2] }),
    ]);
    expect(read(model).heads).toEqual([
      { logits: 'scores', probabilities: 'softmax', activation: 'softmax', shape: [4], classes: 4 },
    ]);
  });

  test('one for each output', () => {
    const model = functionalModel(
      [...flat, scores, layer('Softmax', 'predictions')],
      ['predictions', 'flat'],
    );
    expect(read(model).heads.map(({ logits, classes }) => [logits, classes])).toEqual([
      ['scores', 4],
      ['flat', 108],
    ]);
  });
});

describe('nested models and shared layers', () => {
  const inner = [input('inner_in', 6, 6, 3), conv, layer('ReLU', 'relu')];
  const specs = [
    { name: 'conv/kernel', shape: [3, 3, 3, 2] },
    { name: 'conv/bias', shape: [2] },
  ];
  const body = functionalConfig(inner, ['relu'], 'body');
  const nested: LayerSpec = { name: 'body', className: 'Functional', config: body.config };

  test('are flattened with the names of the models around', () => {
    const { topology } = functionalModel([image, nested, layer('Flatten', 'flat')]);
    const network = read({ topology, specs });
    expect(outline(network)).toEqual([
      'image = input()',
      'body/conv = conv2d(image)',
      'body/relu = relu(body/conv)',
      'flat = reshape(body/relu)',
    ]);
    expect(network.inputs).toEqual(['image']);
    expect(network.layers.get('body')).toBe('body/relu');
    expect(network.layers.get('body/conv')).toBe('body/conv');
  });

  test('a Sequential as a layer', () => {
    const sequential: LayerSpec = {
      name: 'body',
      className: 'Sequential',
      config: {
        name: 'body',
        layers: inner.map(({ name, className, config }) => ({
          class_name: className,
          config: { name, ...config },
        })),
      },
    };
    const { topology } = functionalModel([image, sequential]);
    expect(outline(read({ topology, specs }))).toContain('body/conv = conv2d(image)');
  });

  test('weights are found by the layer’s own name and by its path', () => {
    const { topology } = functionalModel([image, nested]);
    const byPath = specs.map(({ name, shape }) => ({ name: `body/${name}`, shape }));
    expect(read({ topology, specs: byPath }).nodes[1]!.weights).toEqual({
      kernel: 'body/conv/kernel',
      bias: 'body/conv/bias',
    });
  });

  test('a layer called twice is two nodes with the same weights', () => {
    const same = { ...conv, config: { ...conv.config, padding: 'same', filters: 3 } };
    const model = functionalModel([
      image,
      {
        ...same,
        weights: { kernel: sized(3, 3, 3, 3), bias: sized(3) },
        moreCalls: [['conv']],
      },
      { ...layer('Add', 'sum'), inputs: ['conv', ['conv', 1]] },
    ]);
    const network = read(model);
    expect(outline(network)).toEqual([
      'image = input()',
      'conv = conv2d(image)',
      'conv:1 = conv2d(conv)',
      'sum = add(conv, conv:1)',
    ]);
    expect(network.nodes[2]!.weights).toEqual(network.nodes[1]!.weights);
  });

  test('a nested model called twice, with its weights listed by path', () => {
    const { topology } = functionalModel([
      image,
      { ...input('second', 6, 6, 3) },
      { ...nested, inputs: ['image'], moreCalls: [['second']] },
      { ...layer('Add', 'sum'), inputs: ['body', ['body', 1]] },
    ]);
    const byPath = specs.map(({ name, shape }) => ({ name: `body/${name}`, shape }));
    const network = read({ topology, specs: byPath });
    expect(outline(network)).toContain('sum = add(body/relu, body:1/relu)');
    expect(network.nodes.find(({ name }) => name === 'body:1/conv')!.weights).toEqual({
      kernel: 'body/conv/kernel',
      bias: 'body/conv/bias',
    });
  });

  test('two layers of different models never share one weight by accident', () => {
    const twin: LayerSpec = { ...nested, name: 'twin' };
    const { topology } = functionalModel([
      image,
      { ...nested, inputs: ['image'] },
      { ...twin, inputs: ['image'] },
      { ...layer('Add', 'sum'), inputs: ['body', 'twin'] },
    ]);
    expect(() => read({ topology, specs })).toThrow(
      refusal('model', 'conv/kernel', 'body/conv', 'twin/conv'),
    );
  });
});

describe('what is not known is refused by name', () => {
  test.each([
    ['class', layer('ConvLSTM2D', 'odd'), ['odd', 'ConvLSTM2D']],
    ['attribute', layer('ReLU', 'odd', { wobble: 2 }), ['odd', 'ReLU', 'wobble', '2']],
    [
      'activation',
      layer('Activation', 'odd', { activation: 'sinus' }),
      ['odd', 'activation', 'sinus'],
    ],
    [
      'data format',
      layer('Resizing', 'odd', { data_format: 'channels_first' }),
      ['odd', 'data_format', 'channels_first'],
    ],
    [
      'batch norm axis',
      layer('BatchNormalization', 'odd', { axis: [2] }),
      ['odd', 'axis', '\\[2\\]'],
    ],
    ['padding', layer('MaxPooling2D', 'odd', { padding: 'full' }), ['odd', 'padding', 'full']],
    ['reshape', layer('Reshape', 'odd', { target_shape: [5, 5] }), ['odd', 'target_shape', '108']],
  ] as const)('%s', (_, odd, parts) => {
    expect(() => read(functionalModel([image, odd]))).toThrow(refusal('unsupported', ...parts));
  });

  test('an unknown attribute with the value of nothing is let pass', () => {
    const spare = { new_flag: false, new_option: null };
    expect(outline(read(functionalModel([image, layer('ReLU', 'relu', spare)])))).toHaveLength(2);
  });

  test('a kernel larger than the image', () => {
    const small = input('image', 2, 2, 3);
    expect(() => read(functionalModel([small, conv]))).toThrow(
      refusal('unsupported', 'conv', 'kernel_size', '2x2'),
    );
  });

  test('a pool larger than the image', () => {
    const pool = layer('MaxPooling2D', 'pool', { pool_size: 7 });
    expect(() => read(functionalModel([image, pool]))).toThrow(
      refusal('unsupported', 'pool', 'pool_size', '6x6'),
    );
  });

  test('a crop of more than there is', () => {
    const crop = layer('Cropping2D', 'crop', { cropping: 3 });
    expect(() => read(functionalModel([image, crop]))).toThrow(
      refusal('unsupported', 'crop', 'cropping', '6x6'),
    );
  });

  test('groups that do not divide the channels', () => {
    const grouped = { ...conv, config: { ...conv.config, groups: 2 } };
    expect(() => read(functionalModel([image, grouped]))).toThrow(
      refusal('unsupported', 'conv', 'groups', '2'),
    );
  });
});

describe('contradictions are errors that name the place', () => {
  test('a missing weight', () => {
    const { topology } = functionalModel([image, conv]);
    expect(() => read({ topology, specs: [] })).toThrow(refusal('model', 'conv/kernel'));
  });

  test('a weight of another shape', () => {
    const model = functionalModel([
      image,
      { ...conv, weights: { kernel: sized(3, 3, 2, 3), bias: sized(2) } },
    ]);
    expect(() => read(model)).toThrow(
      refusal('model', 'conv/kernel', '\\[3, 3, 3, 2\\]', '\\[3, 3, 2, 3\\]'),
    );
  });

  test('an input that no layer produces', () => {
    const model = functionalModel([image, { ...conv, inputs: ['ghost'] }]);
    expect(() => read(model)).toThrow(refusal('model', 'conv'));
  });

  test('an output that is not a layer', () => {
    expect(() => read(functionalModel([image, conv], ['ghost']))).toThrow(
      refusal('model', 'ghost'),
    );
  });

  test('two layers of one name', () => {
    const model = functionalModel([image, conv, { ...conv, inputs: ['image'] }]);
    expect(() => read(model)).toThrow(refusal('model', 'conv'));
  });

  test('JSON that is not a model', () => {
    expect(() => readNetwork(null, [])).toThrow(refusal('model', 'modelTopology'));
    expect(() => readNetwork({ class_name: 'Tokenizer', config: {} }, [])).toThrow(
      refusal('model', 'Tokenizer'),
    );
    expect(() => readNetwork({ class_name: 'Functional', config: {} }, [])).toThrow(
      refusal('model', 'layers'),
    );
    expect(() => readNetwork({ class_name: 'Sequential', config: [] }, [])).toThrow(
      refusal('model', 'no layers'),
    );
  });
});
