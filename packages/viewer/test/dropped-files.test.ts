import { describe, expect, test } from 'vitest';
import { sortFiles } from '../src/live/dropped-files.ts';

function sort(names: readonly string[], folder: string | null = null) {
  const files = names.map((path) => ({ path, blob: new Blob([path]) }));
  const { model, image } = sortFiles({ files, folder });
  return {
    model: model?.name ?? null,
    parts: model?.files.map(({ path }) => path) ?? [],
    image: image?.name ?? null,
  };
}

describe('files that were given at once', () => {
  test.each<[string, string[], { model: string | null; parts: string[]; image: string | null }]>([
    ['a picture', ['cat.png'], { model: null, parts: [], image: 'cat.png' }],
    ['what nobody knows is read as a picture', ['cat'], { model: null, parts: [], image: 'cat' }],
    ['an ONNX file', ['net.ONNX'], { model: 'net.ONNX', parts: ['net.ONNX'], image: null }],
    [
      'an ONNX file, what belongs to it, and a picture',
      ['cat.JPG', 'labels.txt', 'net.onnx.data', 'net.onnx'],
      { model: 'net.onnx', parts: ['labels.txt', 'net.onnx.data', 'net.onnx'], image: 'cat.JPG' },
    ],
    [
      'a model of tfjs',
      ['group1-shard1of1.bin', 'metadata.json', 'model.json'],
      {
        model: 'model.json',
        parts: ['group1-shard1of1.bin', 'metadata.json', 'model.json'],
        image: null,
      },
    ],
    ['a file of Keras', ['net.h5'], { model: 'net.h5', parts: ['net.h5'], image: null }],
  ])('%s', (_, names, expected) => {
    expect(sort(names)).toEqual(expected);
  });

  test('a folder is a model, with whatever is in it', () => {
    expect(sort(['onnx/model.onnx', 'sample.png'], 'net')).toEqual({
      model: 'net',
      parts: ['onnx/model.onnx', 'sample.png'],
      image: null,
    });
  });
});
