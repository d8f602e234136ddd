import { describe, expect, test } from 'vitest';
import { decodeWeights } from '../../src/artifact/decode-weights.ts';
import type { ManifestGroup, ManifestWeight } from '../../src/artifact/weights-manifest.ts';

function bytesOf(values: { buffer: ArrayBufferLike }): Uint8Array {
  return new Uint8Array(values.buffer.slice(0));
}

/** Decodes weights whose files hold the given bytes. */
async function decode(weights: readonly ManifestWeight[], ...shards: readonly Uint8Array[]) {
  const group: ManifestGroup = { paths: shards.map((_, i) => String(i)), weights };
  const decoded = await decodeWeights([group], async (path) => shards[Number(path)]!);
  return [...decoded].map(([name, { shape, data }]) => ({ name, shape, data: [...data] }));
}

const one = (dtype: ManifestWeight['dtype'], size: number): ManifestWeight => ({
  name: 'w',
  shape: [size],
  dtype,
});

const affine = (dtype: 'uint8' | 'uint16', min: number, scale: number, size: number) => ({
  ...one('float32', size),
  quantization: { dtype, min, scale },
});

describe('values', () => {
  test('float32 to the last bit, from a buffer that is a part of another', async () => {
    const pool = new Uint8Array(17);
    pool.set(bytesOf(Float32Array.of(0.1, -1e-40, 3e38)), 3);
    const [weight] = await decode([one('float32', 3)], pool.subarray(3, 15));
    expect(weight!.data).toEqual([...Float32Array.of(0.1, -1e-40, 3e38)]);
  });

  test('int32 and bool', async () => {
    expect((await decode([one('int32', 2)], bytesOf(Int32Array.of(-5, 7))))[0]!.data).toEqual([
      -5, 7,
    ]);
    expect((await decode([one('bool', 3)], Uint8Array.of(0, 1, 1)))[0]!.data).toEqual([0, 1, 1]);
  });

  test('uint8 and uint16: value * scale + min', async () => {
    const small = await decode([affine('uint8', -1, 0.5, 3)], Uint8Array.of(0, 2, 255));
    expect(small[0]!.data).toEqual([-1, 0, 126.5]);
    const wide = await decode([affine('uint16', 2, 0.25, 2)], Uint8Array.of(1, 0, 0xff, 0xff));
    expect(wide[0]!.data).toEqual([2.25, 65535 * 0.25 + 2]);
  });

  test('float16: normal, subnormal, signed zero', async () => {
    const halves = Uint16Array.of(0x3c00, 0xc000, 0x3555, 0x7bff, 0x0001, 0x83ff, 0x0400, 0x8000);
    const weight = { ...one('float32', 8), quantization: { dtype: 'float16' as const } };
    expect((await decode([weight], bytesOf(halves)))[0]!.data).toEqual([
      1,
      -2,
      0.333251953125,
      65504,
      2 ** -24,
      -1023 * 2 ** -24,
      2 ** -14,
      -0,
    ]);
  });

  test('scalars and weights of no elements', async () => {
    const weights = [
      { name: 'none', shape: [0, 3], dtype: 'float32' as const },
      { name: 'scalar', shape: [], dtype: 'float32' as const },
    ];
    expect(await decode(weights, bytesOf(Float32Array.of(4)))).toEqual([
      { name: 'none', shape: [0, 3], data: [] },
      { name: 'scalar', shape: [], data: [4] },
    ]);
  });
});

describe('files', () => {
  const values = bytesOf(Float32Array.of(1, 2, 3, 4));

  test('a weight may begin in one and end in another, at any byte', async () => {
    const weights = [one('float32', 3), { ...one('float32', 1), name: 'v' }];
    for (let cut = 0; cut <= values.length; cut++) {
      const found = await decode(weights, values.subarray(0, cut), values.subarray(cut));
      expect(found.map(({ data }) => data)).toEqual([[1, 2, 3], [4]]);
    }
  });

  test.each([0, 1, 15, 17, 20])('of %i bytes where 16 are listed are an error', async (size) => {
    const bytes = new Uint8Array(size);
    await expect(decode([one('float32', 4)], bytes)).rejects.toMatchObject({
      kind: 'model',
      message: expect.stringContaining(`lists 16 bytes of weights, the files hold ${size}`),
    });
  });

  test('a size beyond all memory is an error before anything is allocated', async () => {
    const huge = { name: 'w', shape: [2 ** 40, 2 ** 10], dtype: 'float32' as const };
    await expect(decode([huge], values)).rejects.toMatchObject({ kind: 'model' });
  });
});

describe('values that are not finite are errors that name the weight', () => {
  test.each([NaN, Infinity, -Infinity])('%d', async (value) => {
    const bytes = bytesOf(Float32Array.of(1, value));
    await expect(decode([one('float32', 2)], bytes)).rejects.toMatchObject({
      kind: 'model',
      message: `weight w: expected finite numbers, found ${value} at index 1`,
    });
  });

  test('infinite halves', async () => {
    const weight = { ...one('float32', 1), quantization: { dtype: 'float16' as const } };
    await expect(decode([weight], Uint8Array.of(0, 0xfc))).rejects.toThrow(
      'weight w: expected finite numbers, found -Infinity',
    );
  });
});
