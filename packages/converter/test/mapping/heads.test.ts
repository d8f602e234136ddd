import { describe, expect, test } from 'vitest';
import { describeAssumptions } from '../../src/mapping/assume-torch.ts';
import { recogniseTorch, type StatedNet } from '../../src/mapping/recognise-torch.ts';
import type { WeightFile } from '../../src/tensors/stored-tensor.ts';
import { change, fileOf } from '../support/torch-names.ts';

type Shape = readonly [string, readonly number[]];

/** A net with other weights in the place of its head. */
function withHead(id: string, library: string, own: RegExp, head: readonly Shape[]): WeightFile {
  let isPut = false;
  return change(fileOf(id, library), (name, shape) => {
    if (!own.test(name)) return [[name, shape]];
    const put = isPut ? [] : head.map(([key, value]): [string, readonly number[]] => [key, value]);
    isPut = true;
    return put;
  });
}

const resnet = (...head: Shape[]): WeightFile =>
  withHead('resnet18', 'torchvision and timm', /^fc\./, head);

const linear = (path: string, inputs: number, outputs: number): Shape[] => [
  [`${path}.weight`, [outputs, inputs]],
  [`${path}.bias`, [outputs]],
];
const norm = (path: string, channels: number): Shape[] =>
  ['weight', 'bias', 'running_mean', 'running_var'].map((one) => [`${path}.${one}`, [channels]]);

const MLP = [...linear('fc.0', 512, 64), ...linear('fc.3', 64, 10)];

/** What is read: the layers behind the body, and the sentence that says what is assumed. */
function read(file: WeightFile, stated: StatedNet = {}): { layers: string[]; assumed?: string } {
  const found = recogniseTorch(file, 'weights.pth', stated);
  const { layers } = found.architecture.draft(10);
  const start = layers.findIndex(({ name }) => name === 'avgpool');
  const { head } = describeAssumptions(found, layers.length, {});
  const names = layers
    .slice(start + 1, -1)
    .map(({ name, className, config }) =>
      className === 'Activation' ? `${name} ${String(config['activation'])}` : name,
    );
  return { layers: names, ...(head && { assumed: head }) };
}

describe('the function of a head of several layers', () => {
  test.each<[string, Shape[], string[]]>([
    ['Linear, ReLU, Dropout, Linear', MLP, ['fc.0', 'fc.1 relu', 'fc.3']],
    [
      'Linear, BatchNorm, ReLU, Dropout, Linear: where there is room',
      [...linear('fc.0', 512, 64), ...norm('fc.1', 64), ...linear('fc.4', 64, 10)],
      ['fc.0', 'fc.1', 'fc.2 relu', 'fc.4'],
    ],
    [
      'Linear, ReLU, BatchNorm, Linear',
      [...linear('fc.0', 512, 64), ...norm('fc.2', 64), ...linear('fc.3', 64, 10)],
      ['fc.0', 'fc.1 relu', 'fc.2', 'fc.3'],
    ],
    [
      'names without numbers: behind the normalisation',
      [...linear('fc.a', 512, 64), ...norm('fc.bn', 64), ...linear('fc.z', 64, 10)],
      ['fc.a', 'fc.bn', 'fc.bn/ReLU_1 relu', 'fc.z'],
    ],
    [
      'numbers in alphabetical order',
      [...linear('fc.0', 512, 64), ...linear('fc.10', 32, 10), ...linear('fc.5', 64, 32)],
      ['fc.0', 'fc.1 relu', 'fc.5', 'fc.6 relu', 'fc.10'],
    ],
  ])('%s', (_, head, layers) => {
    const found = read(resnet(...head));
    expect(found.layers).toEqual(layers);
    expect(found.assumed).toContain('(state it with convert --head, such as');
  });

  test('a normalisation before one linear layer leaves nothing open', () => {
    const file = resnet(...norm('fc.0', 512), ...linear('fc.2', 512, 10));
    expect(read(file)).toEqual({ layers: ['fc.0', 'fc.2'] });
  });

  test.each<[string, string[]]>([
    ['gelu', ['fc.0', 'fc.1 gelu', 'fc.3']],
    ['identity', ['fc.0', 'fc.3']],
    [
      'nn.Linear, nn.SiLU(inplace=True), nn.Dropout(p=0.2), nn.Linear',
      ['fc.0', 'fc.1 swish', 'fc.3'],
    ],
    ['linear,tanh,linear,LogSoftmax(dim=1)', ['fc.0', 'fc.1 tanh', 'fc.3']],
    ['linear,elu(0.5),linear', ['fc.0', 'fc.1', 'fc.3']],
  ])('is stated as %s', (head, layers) => {
    expect(read(resnet(...MLP), { head })).toEqual({ layers });
  });

  test.each([
    [
      'linear,relu',
      'has the layers fc.0 (linear), fc.3 (linear), which are not the stated ones (linear)',
    ],
    [
      'linear,relu,dropout,relu,linear',
      'has room for 2 modules between fc.0 and fc.3, and 3 are stated there',
    ],
    ['linear,softmax,linear', 'makes probabilities in its middle'],
    ['linear,relu,linear,relu', 'ends in another function'],
    ['relu,dropout', 'takes the linear layers too'],
    ['linear,prelu,linear', "head: 'prelu' is no module that is known here"],
    ['linear,relu(2),linear', "head: 'relu(2)' is no module that is known here"],
  ])('cannot be %s', (head, message) => {
    expect(() => recogniseTorch(resnet(...MLP), 'weights.pth', { head })).toThrow(message);
  });

  test('a function has no place in a head of one linear layer', () => {
    expect(() =>
      recogniseTorch(fileOf('resnet18', 'torchvision and timm'), 'weights.pth', { head: 'gelu' }),
    ).toThrow(
      /its head has no two linear layers with room for GELU between them; state all of its/,
    );
  });
});

describe('a head that cannot be read is refused by its name', () => {
  test.each<[string, Shape[], string]>([
    [
      'a convolution',
      [['fc.0.weight', [10, 512, 1, 1]]],
      'holds fc.0.weight [10, 512, 1, 1], which',
    ],
    [
      'a PReLU',
      [...linear('fc.0', 512, 64), ['fc.1.weight', [1]], ...linear('fc.2', 64, 9)],
      'holds fc.1.weight [1], which',
    ],
    [
      'two heads',
      [...linear('age', 512, 1), ...linear('sex', 512, 2)],
      'has the layer sex, which takes 512 numbers and would get 1',
    ],
    [
      'other features',
      linear('fc.1', 1024, 5),
      'has the layer fc.1, which takes 1024 numbers and would get 512',
    ],
    [
      'a normalisation of scores',
      [...linear('fc.0', 512, 9), ...norm('fc.1', 9)],
      'does not end in a linear layer',
    ],
  ])('%s', (_, head, message) => {
    expect(() => recogniseTorch(resnet(...head), 'weights.pth')).toThrow(
      `weights.pth looks like resnet18, but its head ${message}`,
    );
  });

  test('a normalisation of the grid of a VGG', () => {
    const head = [...norm('classifier.0', 25088), ...linear('classifier.1', 25088, 9)];
    const file = withHead('vgg16', 'torchvision', /^classifier\./, head);
    expect(() => recogniseTorch(file, 'weights.pth')).toThrow(
      'looks like vgg16, but its head begins with the normalisation classifier.0 of a grid',
    );
  });
});

test('a single score has a sigmoid, which is said, and one that is stated has it for any number', () => {
  const output = (file: WeightFile, head?: string): unknown =>
    recogniseTorch(file, 'weights.pth', { head }).architecture.draft(1).layers.at(-1)!.config;
  const single = resnet(...linear('fc', 512, 1));
  expect(output(single)).toEqual({ activation: 'sigmoid' });
  const found = recogniseTorch(single, 'weights.pth');
  expect(describeAssumptions(found, 1, {}).head).toBe(
    'the only score is made a probability by a sigmoid (state it with convert --head, such as --head linear,sigmoid)',
  );
  const many = resnet(...linear('fc', 512, 14));
  expect(output(many, 'linear,sigmoid')).toEqual({ activation: 'sigmoid' });
  expect(output(resnet(...MLP))).toEqual({ activation: 'softmax' });
});

test.each([
  ['convnext_tiny', 'timm', /^head\.fc\./, 'head.fc', 768],
  ['mobilenet_v2', 'timm', /^classifier\./, 'classifier', 1280],
  ['vgg16', 'timm', /^head\.fc\./, 'head.fc', 4096],
  ['densenet121', 'torchvision and timm', /^classifier\./, 'classifier', 1024],
  ['convnext_tiny', 'torchvision', /^classifier\./, 'classifier.1', 768],
])('%s of %s with two linear layers as its head', (id, library, own, place, inputs) => {
  const file = withHead(id, library, own, [
    ...linear(`${place}.0`, inputs, 64),
    ...linear(`${place}.2`, 64, 5),
  ]);
  const { architecture, head } = recogniseTorch(file, 'weights.pth');
  expect(architecture.id).toBe(id);
  expect(head?.words).toBe(`${place}.0, ReLU, ${place}.2`);
});

test.each([
  ['resnet.', 'resnet.'],
  ['module.densenet121.', 'module.densenet121.'],
  ['model.feature_extractor.', 'model.feature_extractor.'],
])('the names of modules around the net, %s, are left out', (prefix, said) => {
  const file = change(fileOf('densenet121', 'torchvision and timm'), (name, shape) => [
    [prefix + name.replace('classifier', 'classifier.0'), shape],
  ]);
  const { architecture, notes } = recogniseTorch(file, 'weights.pth');
  expect(architecture.id).toBe('densenet121');
  const taken = notes.flatMap(
    (note) => /^names of weights are read without (.+)$/.exec(note)?.[1] ?? [],
  );
  expect(taken.join('')).toBe(said);
});
