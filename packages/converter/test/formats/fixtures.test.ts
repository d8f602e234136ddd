import { readdirSync } from 'node:fs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openWeights } from '../../src/formats/open-weights.ts';
import { openFileFolder } from '../../src/node/file-source.ts';
import { readFloat32Chunks } from '../../src/tensors/to-float32.ts';
import {
  describeTensors,
  digestChunks,
  fixturePath,
  readFixtureJson,
  type ExpectedTensor,
} from '../support/fixtures.ts';

type Expected = Readonly<Record<string, ExpectedTensor>>;

async function readAll(folderName: string, name: string) {
  const folder = openFileFolder(fixturePath(folderName));
  onTestFinished(() => folder.close());
  const file = await openWeights(folder, name);
  return { ...file, found: await describeTensors(file.tensors) };
}

describe('containers written by TensorFlow', () => {
  const descriptions = readdirSync(fixturePath('slim')).filter((name) =>
    /\.(ckpt|bundle|npy)\.json$/.test(name),
  );

  test.each(descriptions)('slim/%s: every tensor as TensorFlow reads it', async (json) => {
    const { format, tensors } = readFixtureJson<{ format: string; tensors: Expected }>(
      `slim/${json}`,
    );
    const name = json.replace(/\.json$/, '').replace(/sharded\.ckpt$/, '$&-00001-of-00003');
    const { found, format: foundFormat } = await readAll('slim', name);
    expect(found).toEqual(tensors);
    expect(foundFormat).toBe(format === 'npy-python2' ? 'npy-pickle' : format);
  });
});

describe('dtypes of checkpoints', () => {
  interface DtypeFile {
    readonly tensors: Readonly<
      Record<string, ExpectedTensor & { float32?: string; exact?: boolean }>
    >;
  }
  const files = readFixtureJson<Record<string, DtypeFile>>('dtypes/expected.json');

  test.each(Object.keys(files))('%s', async (name) => {
    const { tensors } = files[name]!;
    const { found, tensors: read, skipped } = await readAll('dtypes', name);
    for (const [key, expected] of Object.entries(tensors)) {
      if (expected.dtype === 'string') {
        expect(skipped).toContainEqual({ name: key, reason: 'dtype string' });
        continue;
      }
      const { dtype, shape, sha256 } = expected;
      expect(found[key], key).toEqual({ dtype, shape, sha256 });
      if (expected.float32 === undefined) continue;
      const tensor = read.find((candidate) => candidate.name === key)!;
      let rounded = 0;
      const floats = readFloat32Chunks(tensor, { onRounded: (count) => (rounded += count) });
      expect(await digestChunks(floats), `${key} as float32`).toBe(expected.float32);
      expect(rounded === 0, `${key} is exact`).toBe(expected.exact);
    }
    expect(Object.keys(found)).toHaveLength(
      Object.values(tensors).filter(({ dtype }) => dtype !== 'string').length,
    );
  });
});

describe('.npy and .npz written by NumPy', () => {
  const files = readFixtureJson<Record<string, Expected>>('npy/expected.json');

  test.each(Object.keys(files))('%s', async (name) => {
    const { found } = await readAll('npy', name);
    const expected = Object.entries(files[name]!).map(([key, { dtype, shape, sha256 }]) => [
      // A lone array has no name of its own.
      key === '' ? name.replace(/\.npy$/, '') : key,
      { dtype, shape, sha256 },
    ]);
    expect(found).toEqual(Object.fromEntries(expected));
  });
});
