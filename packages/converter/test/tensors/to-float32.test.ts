import { describe, expect, test } from 'vitest';
import { createMemorySource } from '../../src/bytes/source.ts';
import { readNpy } from '../../src/formats/npy/read-npy.ts';
import { buildNpy } from '../support/build-npy.ts';
import type { DType } from '../../src/tensors/dtype.ts';
import { readFloat32Chunks } from '../../src/tensors/to-float32.ts';

async function convert(dtype: DType, data: ArrayBufferView<ArrayBuffer>) {
  const bytes = new Uint8Array(data.buffer);
  let rounded = 0;
  const chunks: Uint8Array[] = [];
  const tensor = {
    name: 'x',
    dtype,
    shape: [bytes.length],
    byteLength: bytes.length,
    async *chunks() {
      // At an odd offset, as bytes of files are.
      const padded = new Uint8Array(bytes.length + 1);
      padded.set(bytes, 1);
      yield padded.subarray(1);
    },
  };
  const options = { onRounded: (count: number) => (rounded += count) };
  for await (const chunk of readFloat32Chunks(tensor, options)) chunks.push(chunk.slice());
  return { rounded, chunks };
}

function toFloats(chunks: readonly Uint8Array[]): number[] {
  const joined = new Uint8Array(Buffer.concat(chunks));
  return [...new Float32Array(joined.buffer)];
}

describe('to float32', () => {
  test('halves: normal, subnormal, infinite', async () => {
    // 1, -2, 65504 (largest), 2^-24 (smallest), 2^-14 - 2^-24 (largest subnormal), inf, -0.
    const bits = Uint16Array.of(0x3c00, 0xc000, 0x7bff, 0x0001, 0x03ff, 0x7c00, 0x8000);
    const { chunks, rounded } = await convert('float16', bits);
    expect(toFloats(chunks)).toEqual([
      1,
      -2,
      65504,
      2 ** -24,
      2 ** -14 - 2 ** -24,
      Number.POSITIVE_INFINITY,
      -0,
    ]);
    expect(rounded).toBe(0);
  });

  test('bfloat16 is the upper half of a float32', async () => {
    const { chunks } = await convert('bfloat16', Uint16Array.of(0x3f80, 0xc000, 0x7f80));
    expect(toFloats(chunks)).toEqual([1, -2, Number.POSITIVE_INFINITY]);
  });

  test('what float32 cannot hold is rounded and counted', async () => {
    const doubles = await convert('float64', Float64Array.of(0.5, 0.1, 1e300, Number.NaN));
    expect(toFloats(doubles.chunks)).toEqual([
      0.5,
      Math.fround(0.1),
      Number.POSITIVE_INFINITY,
      Number.NaN,
    ]);
    expect(doubles.rounded).toBe(2);
    const longs = await convert('int64', BigInt64Array.of(-3n, 2n ** 24n, 2n ** 24n + 1n));
    expect(toFloats(longs.chunks)).toEqual([-3, 2 ** 24, 2 ** 24]);
    expect(longs.rounded).toBe(1);
  });

  test('small integers and booleans are exact', async () => {
    expect(toFloats((await convert('int8', Int8Array.of(-128, 127))).chunks)).toEqual([-128, 127]);
    expect(toFloats((await convert('bool', Uint8Array.of(0, 1))).chunks)).toEqual([0, 1]);
    expect(toFloats((await convert('uint16', Uint16Array.of(65535))).chunks)).toEqual([65535]);
  });

  test('bytes of a pooled Buffer are those of the tensor, not of the pool', async () => {
    const floats = Uint16Array.of(0x3c00, 0xc000);
    const header = "{'descr': '<f2', 'fortran_order': False, 'shape': (2,), }\n";
    const pooled = Buffer.from(buildNpy(header, new Uint8Array(floats.buffer)));
    const { tensors } = await readNpy(createMemorySource('x.npy', pooled));
    const chunks: Uint8Array[] = [];
    for await (const chunk of readFloat32Chunks(tensors[0]!)) chunks.push(chunk);
    expect(toFloats(chunks)).toEqual([1, -2]);
  });

  test.each(['complex64', 'qint8'] as const)('%s is refused', async (dtype) => {
    await expect(convert(dtype, new Uint8Array(8))).rejects.toMatchObject({
      tag: 'UnsupportedError',
    });
  });
});
