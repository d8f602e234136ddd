import { describe, expect, test } from 'vitest';
import { countBytes, readManifest } from '../../src/artifact/weights-manifest.ts';

const weight = { name: 'w', shape: [2, 3], dtype: 'float32' };

function manifest(changes: object, paths: unknown[] = ['a.bin']) {
  return [{ paths, weights: [{ ...weight, ...changes }] }];
}

test.each([
  [{}, 24],
  [{ dtype: 'int32' }, 24],
  [{ dtype: 'bool' }, 6],
  [{ quantization: { dtype: 'uint8', min: 0, scale: 1 } }, 6],
  [{ quantization: { dtype: 'uint16', min: 0, scale: 1 } }, 12],
  [{ quantization: { dtype: 'float16' } }, 12],
  [{ shape: [] }, 4],
  [{ shape: [0, 5] }, 0],
])('a weight %j takes %i bytes', (changes, bytes) => {
  expect(countBytes(readManifest(manifest(changes))[0]!.weights[0]!)).toBe(bytes);
});

describe('wrong weights are errors that name them', () => {
  test.each([
    [{ name: 7 }, 'no name'],
    [{ shape: [2, -1] }, 'w: shape [2,-1]'],
    [{ shape: [2, 1.5] }, 'w: shape [2,1.5]'],
    [{ shape: 'big' }, 'w: shape "big"'],
    [{ dtype: 'uint8' }, 'w: dtype "uint8" is not one of float32, int32, bool'],
    [{ dtype: 'toString' }, 'w: dtype "toString"'],
    [{ quantization: { dtype: 'int32' } }, 'w: quantization "int32" is not one of uint8'],
    [{ quantization: null }, 'w: quantization'],
    [{ quantization: { dtype: 'uint8', min: 0 } }, 'w: quantization to uint8 needs numbers'],
    [{ quantization: { dtype: 'uint16', min: '0', scale: 1 } }, 'w: quantization to uint16'],
  ])('%j', (changes, message) => {
    expect(() => readManifest(manifest(changes))).toThrow(
      expect.objectContaining({ kind: 'model', message: expect.stringContaining(message) }),
    );
  });

  test('one listed twice, also in another group', () => {
    expect(() => readManifest([...manifest({}), ...manifest({}, ['b.bin'])])).toThrow(
      /weight w is listed twice/,
    );
  });

  test('a file listed twice, which would be read twice', () => {
    expect(() => readManifest(manifest({}, ['a.bin', 'b.bin', 'a.bin']))).toThrow(
      /file a.bin is listed twice/,
    );
  });

  test.each([[[2 ** 31, 2 ** 31]], [[2 ** 52, 2 ** 52, 2 ** 52]], [[1e308]]])(
    'of shape %j, which nothing could hold',
    (shape) => {
      expect(() => readManifest(manifest({ shape }))).toThrow(/bytes; |not a list of sizes/);
    },
  );

  test.each([undefined, {}, [null], [{ paths: ['a'] }], [{ weights: [] }]])(
    'not a manifest: %j',
    (value) => {
      expect(() => readManifest(value)).toThrow(expect.objectContaining({ kind: 'model' }));
    },
  );
});

describe('paths stay in the folder', () => {
  test.each(['a.bin', 'sub/group1-shard1of1.bin', '..a/b..bin', 'über weights.bin'])(
    '%s',
    (path) => {
      expect(readManifest(manifest({}, [path]))[0]!.paths).toEqual([path]);
    },
  );

  test.each([
    '../a.bin',
    'sub/../../a.bin',
    '/etc/passwd',
    '//host/a.bin',
    '\\\\host\\a.bin',
    '..\\a.bin',
    'C:\\a.bin',
    'file:///etc/passwd',
    'data:,x',
    '%2e%2e/a.bin',
    '.%2E/a.bin',
    '.\t./a.bin',
    ' //host/a.bin',
    '',
    7,
  ])('%j is refused', (path) => {
    expect(() => readManifest(manifest({}, [path]))).toThrow(
      /does not name a file in the folder of model\.json/,
    );
  });
});
