import { describe, expect, test } from 'vitest';
import {
  findWeightPrefixes,
  type WeightOwner,
} from '../../../src/readers/layers-model/weight-owners.ts';

/** Layers by their paths: the name is the last part. */
function owners(...paths: string[]): WeightOwner[] {
  return paths.map((path) => ({ path, name: path.slice(path.lastIndexOf('/') + 1) }));
}

function prefixes(layers: readonly string[], names: readonly string[], model = 'net') {
  const found = findWeightPrefixes(names, owners(...layers), model);
  return { ...Object.fromEntries(found.prefixes), notes: found.notes.length };
}

describe('names of weights, by who wrote them', () => {
  test.each([
    ['tfjs and Keras 2: the layer alone', ['conv'], ['conv/kernel'], { conv: 'conv' }],
    ['the same in a nested model', ['body/conv'], ['conv/kernel'], { 'body/conv': 'conv' }],
    ['Keras 3, by path', ['body/conv'], ['body/conv/kernel'], { 'body/conv': 'body/conv' }],
    ['a Sequential of Keras 3', ['conv'], ['net/conv/kernel'], { conv: 'net/conv' }],
    [
      'the same around a Functional model, which has a layer of that name',
      ['dense', 'base/dense'],
      ['net/dense/kernel', 'dense/kernel'],
      { dense: 'net/dense', 'base/dense': 'dense' },
    ],
    ['cells of TF 2.2', ['lstm'], ['lstm/lstm_cell/kernel'], { lstm: 'lstm' }],
  ] as const)('%s', (_, layers, names, expected) => {
    expect(prefixes(layers, names)).toEqual({ ...expected, notes: 0 });
  });

  test.each([
    ['another model', ['conv'], ['sequential_4/conv/kernel'], { conv: 'sequential_4/conv' }],
    ['a number behind', ['conv2d_10'], ['conv2d_10_1/kernel'], { conv2d_10: 'conv2d_10_1' }],
    [
      'a number behind all of them, of which one looks like another layer',
      ['conv2d', 'conv2d_1'],
      ['conv2d_1/kernel', 'conv2d_1_1/kernel'],
      { conv2d: 'conv2d_1', conv2d_1: 'conv2d_1_1' },
    ],
    [
      'other numbers, whose order is not that of the letters',
      ['conv2d', 'conv2d_1'],
      ['conv2d_10/kernel', 'conv2d_9/kernel'],
      { conv2d: 'conv2d_9', conv2d_1: 'conv2d_10' },
    ],
  ] as const)('built twice in one session: %s, which is said', (_, layers, names, expected) => {
    const { notes, ...found } = prefixes(layers, names);
    expect(found).toEqual(expected);
    expect(notes).toBe(layers.length);
  });

  test('where there are more names than layers, nothing is guessed', () => {
    const names = ['conv2d_4/kernel', 'conv2d_5/kernel', 'conv2d_6/kernel'];
    expect(prefixes(['conv2d', 'conv2d_1'], names)).toEqual({ notes: 0 });
  });
});
