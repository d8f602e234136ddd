import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createMemorySource } from '../../../src/bytes/source.ts';
import { encodeSliceKey } from '../../../src/formats/checkpoint/ordered-code.ts';
import {
  checkBoxes,
  readJoinedChunks,
  resolveBox,
  type Box,
} from '../../../src/formats/checkpoint/slices.ts';
import { concat } from '../../support/build-table.ts';

describe('partitioned tensors', () => {
  test('any partition into boxes joins to the whole tensor', async () => {
    const axis = fc.record({
      size: fc.integer({ min: 1, max: 5 }),
      cut: fc.integer({ min: 1, max: 5 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(axis, { minLength: 1, maxLength: 4 }), async (axes) => {
        const shape = axes.map(({ size }) => size);
        const total = shape.reduce((product, size) => product * size, 1);
        const whole = Uint8Array.from({ length: total }, (_, index) => index & 0xff);
        const boxes = splitBoxes(axes.map(({ size, cut }) => [size, Math.min(size, cut)]));
        checkBoxes('x', shape, boxes);
        const sources = boxes.map((box) => ({
          ...box,
          source: createMemorySource('box', gather(whole, shape, box)),
        }));
        const chunks: Uint8Array[] = [];
        for await (const chunk of readJoinedChunks(shape, 1, sources)) chunks.push(chunk);
        expect(concat(...chunks)).toEqual(whole);
      }),
      { numRuns: 200, seed: 20160828 },
    );
  });

  test('a box that is missing, or there twice, is refused', () => {
    const left = { start: [0, 0], length: [4, 2] };
    const right = { start: [0, 2], length: [4, 2] };
    expect(() => checkBoxes('x', [4, 4], [left])).toThrow('hold 8 of 16 elements');
    expect(() => checkBoxes('x', [4, 4], [left, left])).toThrow('overlap');
    expect(() => checkBoxes('x', [4, 4], [left, right])).not.toThrow();
  });

  test('extents become explicit, and must lie inside', () => {
    expect(resolveBox('x', [4, 3], [])).toEqual({ start: [0, 0], length: [4, 3] });
    expect(
      resolveBox(
        'x',
        [4, 3],
        [
          { start: 1, length: 2 },
          { start: 0, length: -1 },
        ],
      ),
    ).toEqual({
      start: [1, 0],
      length: [2, 3],
    });
    expect(() => resolveBox('x', [4], [{ start: 3, length: 2 }])).toThrow('is outside x');
    expect(() => resolveBox('x', [4, 3], [{ start: 0, length: 1 }])).toThrow('rank 1');
  });
});

describe('keys of slices', () => {
  // Keys read from real checkpoints of TensorFlow 1.
  test.each([
    ['Variable', Array(4).fill({ start: 0, length: -1 }), '00 Variable 0001 0104 807f807f807f807f'],
    ['global_step', [], '00 global_step 0001 00'],
    [
      'linear/language/weights',
      [
        { start: 0, length: 100 },
        { start: 0, length: 1 },
      ],
      '00 linear/language/weights 0001 0102 80c064 8081',
    ],
  ])('of %s', (name, extents, expected) => {
    const hex = expected
      .split(' ')
      .map((part) => (part === name ? Buffer.from(name).toString('hex') : part))
      .join('');
    expect(Buffer.from(encodeSliceKey(name, extents)).toString('hex')).toBe(hex);
  });
});

/** All boxes of a grid that cuts each axis [size, cut] into [0, cut) and [cut, size). */
function splitBoxes(axes: readonly (readonly number[])[]): Box[] {
  let boxes: Box[] = [{ start: [], length: [] }];
  for (const [size = 0, cut = 0] of axes) {
    const parts = [
      [0, cut],
      [cut, size - cut],
    ].filter(([, length]) => length! > 0);
    boxes = boxes.flatMap((box) =>
      parts.map(([start, length]) => ({
        start: [...box.start, start!],
        length: [...box.length, length!],
      })),
    );
  }
  // Not in the tensor's order, as shards of a checkpoint are not.
  return boxes.reverse();
}

/** The bytes of a box, element by element. */
function gather(whole: Uint8Array, shape: readonly number[], box: Box): Uint8Array {
  return whole.filter((_, index) => {
    let rest = index;
    return shape
      .map((_size, axis) => shape.length - 1 - axis)
      .every((axis) => {
        const place = rest % shape[axis]!;
        rest = Math.floor(rest / shape[axis]!);
        return place >= box.start[axis]! && place < box.start[axis]! + box.length[axis]!;
      });
  });
}
