import { describe, expect, test } from 'vitest';
import { closeShape, findInputLayouts, type OpenShape } from '../../src/network/input-layout.ts';
import { readNetwork } from '../../src/readers/layers-model/read-network.ts';
import { functionalModel, input, layer } from '../helper/keras-model.ts';

describe('how a model takes a picture', () => {
  test.each<[readonly OpenShape[], readonly (string | null)[]]>([
    [[[32, 32, 3]], ['hwc']],
    [[[28, 28, 1]], ['hwc']],
    [[[null, null, 3]], ['hwc']],
    [[[3, 224, 224]], ['chw']],
    [[[1, 28, 28]], ['chw']],
    [[[28, 28]], ['hw']],
    // A table beside a picture stays a table, and so does what is too small for a picture.
    [
      [
        [32, 32, 3],
        [28, 28],
      ],
      ['hwc', null],
    ],
    [[[4, 6]], [null]],
    [[[500, 1]], [null]],
    [[[64, 64, 5]], [null]],
    [[[8, 32, 32, 3]], [null]],
  ])('%j: %j', (shapes, layouts) => {
    expect(findInputLayouts(shapes)).toEqual(layouts);
  });

  test('open sizes: as stated, else as the other side, else 224, which is said', () => {
    expect(closeShape('x', [null, null, 3], 'hwc', { inputSize: [20, 24] })).toEqual({
      shape: [20, 24, 3],
      note: null,
    });
    expect(closeShape('x', [null, 96, 3], 'hwc', {}).shape).toEqual([96, 96, 3]);
    const usual = closeShape('x', [3, null, null], 'chw', {});
    expect(usual.shape).toEqual([3, 224, 224]);
    expect(usual.note).toContain('--input-size');
    expect(() => closeShape('x', [32, 32, 3], 'hwc', { inputSize: [20, 24] })).toThrow(
      /fixed at 32x32/,
    );
  });

  test('goes in as [height, width, channels], and on in the model’s own order', () => {
    const { topology, specs } = functionalModel([input('x', 3, 8, 10), layer('ReLU', 'relu')]);
    const { nodes } = readNetwork(topology, specs);
    expect(nodes.map(({ op, shape }) => [op.kind, shape])).toEqual([
      ['input', [8, 10, 3]],
      ['permute', [3, 8, 10]],
      ['relu', [3, 8, 10]],
    ]);
  });
});
