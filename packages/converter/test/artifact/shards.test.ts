import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nameShards, planShards } from '../../src/artifact/shards.ts';

describe('shards', () => {
  test('are as few as can be, within the limit, whole, and the last is never the largest', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 16, max: 200 }), (tensors, maxBytes) => {
        const total = tensors.reduce((sum, size) => sum + size, 0);
        const shards = planShards(tensors, maxBytes);
        expect(shards.reduce((sum, size) => sum + size, 0)).toBe(total);
        expect(shards).toHaveLength(Math.ceil(total / maxBytes));
        expect(Math.max(...shards)).toBeLessThanOrEqual(maxBytes);
        expect(shards.at(-1)).toBe(Math.min(...shards));
      }),
      { numRuns: 500, seed: 4 },
    );
  });

  test('end with a tensor where that needs no further shard', () => {
    // 100 at most: 90 | 90 | 70 rather than 100 | 100 | 50.
    expect(planShards([60, 30, 90, 70], 100)).toEqual([90, 90, 70]);
    // Here whole tensors would need a fourth shard.
    expect(planShards([60, 60, 60, 60, 60], 100)).toEqual([100, 100, 100]);
  });

  test('of nothing are none', () => {
    expect(planShards([], 100)).toEqual([]);
  });

  test('have the names tfjs gives them', () => {
    expect(nameShards(2)).toEqual(['group1-shard1of2.bin', 'group1-shard2of2.bin']);
  });
});
