import { describe, expect, test } from 'vitest';
import { decodeWeights } from '../../src/artifact/decode-weights.ts';
import { deferWeights } from '../../src/artifact/defer-weights.ts';
import type { ManifestGroup, ManifestWeight } from '../../src/artifact/weights-manifest.ts';
import { partsOf } from '../../src/base/nd-array.ts';

const MANY = 70_001;
const HUGE = 2 ** 20 + 3;

/** A weight of each way to store numbers, small and large ones, so that they begin at odd offsets. */
const weights: readonly ManifestWeight[] = [
  { name: 'flag', shape: [3], dtype: 'bool' },
  { name: 'bytes', shape: [MANY], dtype: 'float32', quantization: affine('uint8') },
  { name: 'kernel', shape: [MANY], dtype: 'float32' },
  { name: 'halves', shape: [MANY], dtype: 'float32', quantization: { dtype: 'float16' } },
  { name: 'wide', shape: [MANY], dtype: 'int32', quantization: affine('uint16') },
  { name: 'whole', shape: [MANY], dtype: 'int32' },
  { name: 'dense', shape: [HUGE], dtype: 'float32' },
  { name: 'bias', shape: [2], dtype: 'float32' },
];
const TOTAL = 3 + MANY * (1 + 4 + 2 + 2 + 4) + 4 * (HUGE + 2);
/** Where the bytes of `dense` begin. */
const DENSE = 3 + MANY * 13;

function affine(dtype: 'uint8' | 'uint16') {
  return { dtype, min: -3, scale: 0.25 } as const;
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** Bytes that no type reads as a number that is not finite, cut into shards of the given sizes. */
function drawShards(sizes: readonly number[]): Uint8Array[] {
  let next = 0;
  return sizes.map((size) => Uint8Array.from({ length: size }, () => (7 * next++) % 61));
}

const cuts: Readonly<Record<string, readonly number[]>> = {
  'one file': [TOTAL],
  'files that end in the middle of values': [2, MANY + 4, 0, 300_002, TOTAL - MANY - 300_008],
};

async function defer(shards: readonly Uint8Array[], read: (bytes: number) => void = () => {}) {
  const group: ManifestGroup = { paths: shards.map((_, i) => String(i)), weights };
  const files = shards.map((shard) => ({
    byteLength: shard.byteLength,
    read(offset: number, bytes: number) {
      read(bytes);
      return shard.slice(offset, offset + bytes);
    },
  }));
  return deferWeights([group], (paths) =>
    Promise.resolve(paths.map((path) => files[Number(path)]!)),
  );
}

describe.each(Object.entries(cuts))('%s', (_, sizes) => {
  test('the values are those of the reader that reads all files whole', async () => {
    const shards = drawShards(sizes);
    const group = { paths: shards.map((__, i) => String(i)), weights };
    const whole = await decodeWeights([group], async (path) => shards[Number(path)]!);
    const deferred = await defer(shards);
    for (const { name } of weights) {
      const [found, expected] = [deferred.get(name)!, whole.get(name)!];
      const parts = [...partsOf(found)].map(bytesOf);
      expect([name, found.shape]).toEqual([name, expected.shape]);
      // Compared as bytes: an expectation over a million numbers takes seconds.
      expect([name, bytesOf(found.data).equals(bytesOf(expected.data))]).toEqual([name, true]);
      expect([name, Buffer.concat(parts).equals(bytesOf(expected.data))]).toEqual([name, true]);
    }
  });
});

test('a weight is read when it is asked for, and no more than 4 MiB of it at a time', async () => {
  const reads: number[] = [];
  const deferred = await defer(drawShards([TOTAL]), (bytes) => reads.push(bytes));
  // The two small weights.
  expect(reads.splice(0)).toEqual([3, 8]);
  for (const part of partsOf(deferred.get('dense')!))
    expect(part.length).toBeLessThanOrEqual(2 ** 20);
  expect(reads).toEqual([4 * 2 ** 20, 12]);
});

test('a value that is not finite is named with its place in the weight', async () => {
  const [shard] = drawShards([TOTAL]);
  const last = DENSE + 4 * (HUGE - 1);
  shard!.set(new Uint8Array(Float32Array.of(Infinity).buffer), last);
  const deferred = await defer([shard!]);
  expect(() => [...partsOf(deferred.get('dense')!)]).toThrow(
    `weight dense: expected finite numbers, found Infinity at index ${HUGE - 1}`,
  );
});

test.each([-1, 1])('files with %d bytes more than the manifest lists', async (more) => {
  await expect(defer(drawShards([100, TOTAL - 100 + more]))).rejects.toThrow(
    `the manifest lists ${TOTAL} bytes of weights, the files hold ${TOTAL + more}`,
  );
});
