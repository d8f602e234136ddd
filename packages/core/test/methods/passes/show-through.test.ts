import { describe, expect, test } from 'vitest';
import { showThrough } from '../../../src/methods/passes/show-through.ts';

// By hand: mask * input + (1 - mask) * hidden, dyadic numbers, exact in float32.
const mask = Float32Array.of(0, 1, 0.25, 0.5);

describe('showThrough', () => {
  test.each([
    { channels: 1, input: [8, 8, 8, 8], hidden: [2, 2, 2, 6], expected: [2, 8, 3.5, 7] },
    {
      channels: 3,
      input: [1, 2, 3, 4, 5, 6, 8, 16, 32, -2, 0, 2],
      hidden: [9, 8, 7, 1, 1, 1, 0, 4, -8, 2, 1, 4],
      expected: [9, 8, 7, 4, 5, 6, 2, 7, 2, 0, 0.5, 3],
    },
    {
      channels: 2,
      input: [1, 2, 3, 4, 8, 16, -2, 0],
      hidden: [9, 8, 1, 1, 0, 4, 2, 1],
      expected: [9, 8, 3, 4, 2, 7, 0, 0.5],
    },
  ])('mixes input and baseline, $channels channels alike', ({ input, hidden, expected }) => {
    const item = new Float32Array(input.length).fill(NaN);
    showThrough(item, mask, Float32Array.from(input), Float32Array.from(hidden));
    expect([...item]).toEqual(expected);
  });
});
