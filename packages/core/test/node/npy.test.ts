import { describe, expect, test } from 'vitest';
import Npyjs from 'npyjs';
import { encodeNpy } from '../../src/node/npy.ts';

describe('.npy, read back by npyjs', () => {
  test.each([
    [
      [2, 3],
      [1, -2.5, 3e-40, 4, 5e30, -0],
    ],
    [[3], [1, 2, 3]],
    [[], [7]],
    [[1, 0], []],
    [
      [2, 1, 3],
      [1, 2, 3, 4, 5, 6],
    ],
  ])('shape %j', async (shape, values) => {
    const data = Float32Array.from(values);
    const bytes = encodeNpy({ shape, data });
    const read = await new Npyjs().load(bytes.slice().buffer as ArrayBuffer);
    expect(read.shape).toEqual(shape);
    expect(read.dtype).toBe('f4');
    expect(read.fortranOrder).toBe(false);
    expect([...(read.data as Float32Array)]).toEqual([...data]);
  });

  test('as the format says: magic, version 1.0, a header that ends the first multiple of 64', () => {
    const bytes = encodeNpy({ shape: [2], data: Float32Array.of(1, 2) });
    expect([...bytes.subarray(0, 8)]).toEqual([
      0x93,
      ...[...'NUMPY'].map((c) => c.charCodeAt(0)),
      1,
      0,
    ]);
    const length = bytes[8]! + 256 * bytes[9]!;
    expect((10 + length) % 64).toBe(0);
    expect(bytes).toHaveLength(10 + length + 8);
    expect(new TextDecoder().decode(bytes.subarray(10, 10 + length))).toMatch(
      /^\{'descr': '<f4', 'fortran_order': False, 'shape': \(2,\), \} *\n$/,
    );
  });
});
