import { describe, expect, test } from 'vitest';
import { decodeWeights, joinWeights } from '../../src/artifact/decode-weights.ts';
import { deferWeights } from '../../src/artifact/defer-weights.ts';
import { refuseLfsPointer } from '../../src/base/lfs-pointer.ts';
import { describeModel } from '../../src/model/describe-model.ts';
import { openOnnxFile } from '../../src/model/open-onnx-file.ts';
import { modelFilesInMemory } from '../../src/readers/model-files.ts';

/** As `git clone` leaves it without Git LFS; the example of the specification. */
const pointer = new TextEncoder().encode(
  'version https://git-lfs.github.com/spec/v1\n' +
    'oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\n' +
    'size 12345\n',
);

const message = (name: string): string =>
  `${name} is a pointer of Git LFS, which stands for the file itself; get the file with: git lfs pull`;

const groups = [
  { paths: ['a.bin'], weights: [{ name: 'w', shape: [100], dtype: 'float32' }] },
] as const;

describe('a pointer of Git LFS in the place of', () => {
  test('shards', async () => {
    const read = () => Promise.resolve(pointer);
    const parts = {
      byteLength: pointer.length,
      read: (at: number, n: number) => pointer.slice(at, at + n),
    };
    await expect(decodeWeights(groups, read)).rejects.toThrow(message('a.bin'));
    await expect(joinWeights(groups, read)).rejects.toThrow(message('a.bin'));
    await expect(deferWeights(groups, () => Promise.resolve([parts]))).rejects.toThrow(
      message('a.bin'),
    );
  });

  test('an ONNX file and a model.json', async () => {
    await expect(describeModel(openOnnxFile(pointer))).rejects.toThrow(message('model.onnx'));
    const files = modelFilesInMemory({ 'model.json': pointer });
    await expect(describeModel(files)).rejects.toThrow(/model\.json is a pointer of Git LFS/);
  });

  test('nothing else: a file that is shorter, and one that begins alike', () => {
    expect(() => refuseLfsPointer(pointer.subarray(0, 20), 'x')).not.toThrow();
    const other = new TextEncoder().encode('version https://git-lfs.example.com/spec/');
    expect(() => refuseLfsPointer(other, 'x')).not.toThrow();
  });
});
