import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  dequantizeChunk,
  isQuantizable,
  planQuantization,
  quantizeChunks,
  type FloatChunks,
} from '../../src/artifact/quantize.ts';
import type { Quantization } from '../../src/artifact/model-json.ts';
import { concat } from '../support/build-table.ts';

/** Floats in two chunks, the second at an odd offset as bytes of files are. */
function toChunks(values: readonly number[]): FloatChunks {
  const bytes = new Uint8Array(Float32Array.from(values).buffer);
  return async function* () {
    const cut = 4 * Math.floor(values.length / 2);
    yield bytes.subarray(0, cut);
    yield concat(Uint8Array.of(0), bytes.subarray(cut)).subarray(1);
  };
}

async function store(values: readonly number[], quantization: Quantization): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of quantizeChunks(toChunks(values), quantization)) chunks.push(chunk);
  return concat(...chunks);
}

describe('float16', () => {
  // Bits of IEEE 754 binary16, ties to even: 2049 lies between 2048 and 2050, 2051 above the middle.
  test.each([
    [1, 0x3c00],
    [-2, 0xc000],
    [65504, 0x7bff],
    [0.333251953125, 0x3555],
    [1 / 3, 0x3555],
    [2049, 0x6800],
    [2051, 0x6802],
    [2 ** -14, 0x0400],
    [2 ** -24, 0x0001],
    [2 ** -25, 0x0000],
    [1.5 * 2 ** -24, 0x0002],
    [2.5 * 2 ** -24, 0x0002],
    [1.5 * 2 ** -25, 0x0001],
    [2 ** -14 - 2 ** -26, 0x0400],
    [1e-40, 0x0000],
    [-0, 0x8000],
    [0.99999, 0x3c00],
  ])('%d is %i', async (value, bits) => {
    const stored = await store([value, value], { dtype: 'float16' });
    expect(new Uint16Array(stored.buffer)).toEqual(Uint16Array.of(bits, bits));
  });

  test('a value beyond its range is refused', async () => {
    await expect(planQuantization('w', toChunks([1, 70000]), 'float16')).rejects.toThrow(
      'w holds 70000, and the largest float16 is 65504',
    );
  });
});

describe.each(['uint8', 'uint16'] as const)('%s', (dtype) => {
  const levels = dtype === 'uint8' ? 255 : 65535;

  test('is wrong by half a level at most, and 0 stays 0', async () => {
    const value = fc.float({ min: -100, max: 100, noNaN: true });
    await fc.assert(
      fc.asyncProperty(fc.array(value, { minLength: 2, maxLength: 50 }), async (values) => {
        const quantization = await planQuantization('w', toChunks(values), dtype);
        if (quantization.dtype === 'float16') throw new Error('asked for levels');
        const stored = await store(values, quantization);
        const floats = new Float32Array(dequantizeChunk(stored, quantization).slice().buffer);
        const range = Math.max(...values) - Math.min(...values);
        // Nudging the range so that 0 is a level may cost the ends another half.
        const limit = range / levels + 1e-5;
        values.forEach((expected, index) => {
          expect(Math.abs(floats[index]! - expected)).toBeLessThanOrEqual(limit);
          if (expected === 0) expect(floats[index]).toBeCloseTo(0, 6);
        });
      }),
      { numRuns: 100, seed: 3 },
    );
  });

  test('keeps a constant weight', async () => {
    const quantization = await planQuantization('w', toChunks([0.1, 0.1]), dtype);
    expect(quantization).toEqual({ dtype, min: Math.fround(0.1), scale: 1 });
    const stored = await store([0.1, 0.1], quantization);
    expect([...stored]).toEqual(Array(stored.length).fill(0));
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])('%d is refused', async (value) => {
    await expect(planQuantization('w', toChunks([1, value]), dtype)).rejects.toMatchObject({
      tag: 'UnsupportedError',
    });
  });
});

test('kernels are stored so; biases, statistics and small kernels are not', () => {
  const shapes = [[3, 3, 64, 64], [100, 100], [3, 3, 1024, 1], [10_000], []];
  expect(shapes.map(isQuantizable)).toEqual([true, true, false, false, false]);
});
