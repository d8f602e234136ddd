import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findLargestComponent } from '../../../src/image/localise/component.ts';
import { encodeRle } from '../../../src/image/localise/rle.ts';
import type { Mask } from '../../../src/image/localise/mask.ts';
import type { Rle } from '../../../src/run/result-line.ts';

function maskOf(rows: readonly (readonly number[])[]): Mask {
  return { width: rows[0]!.length, height: rows.length, data: Uint8Array.from(rows.flat()) };
}

/** As rleFrString and rleDecode of the MS COCO API read it. */
function decodeRle({ size: [height, width], counts }: Rle): number[][] {
  const runs: number[] = [];
  for (let place = 0; place < counts.length;) {
    let [number, shift, more] = [0, 0, true];
    while (more) {
      const group = counts.charCodeAt(place++) - 48;
      number |= (group & 0x1f) << (5 * shift++);
      more = (group & 0x20) !== 0;
      if (!more && (group & 0x10) !== 0) number |= -1 << (5 * shift);
    }
    if (runs.length > 2) number += runs[runs.length - 2]!;
    runs.push(number);
  }
  const column = runs.flatMap((run, i) => new Array<number>(run).fill(i % 2));
  return Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => column[x * height + y]!),
  );
}

describe("COCO's run lengths", () => {
  test('go down the columns, zeros first', () => {
    // Columns 0 1 1 and 1 0 0: one zero, three ones, two zeros.
    const rle = encodeRle(
      maskOf([
        [0, 1],
        [1, 0],
        [1, 0],
      ]),
    );
    expect(rle).toEqual({ size: [3, 2], counts: '132' });
  });

  test('of a mask that begins with one begin with no zeros', () => {
    expect(encodeRle(maskOf([[1, 1, 1]])).counts).toBe('03');
  });

  test('pack numbers above 15 in several groups: 100 is 3 * 32 + 4', () => {
    // 4 with the bit for more is 36, and 84 is T; then 3.
    expect(encodeRle({ width: 10, height: 10, data: new Uint8Array(100).fill(1) }).counts).toBe(
      '0T3',
    );
  });

  test('write a run after the third as its difference, negative ones with the sign bit', () => {
    // Runs 1 5 1 2 1: the fourth is 2 - 5 = -3, 29 in five bits, M; the last 1 - 1.
    const row = [0, 1, 1, 1, 1, 1, 0, 1, 1, 0];
    expect(encodeRle(maskOf(row.map((value) => [value]))).counts).toBe('151M0');
  });

  test('are read back as the mask by the format’s rules', () => {
    const masks = fc
      .tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }))
      .chain(([width, height]) =>
        fc
          .array(fc.integer({ min: 0, max: 12 }), {
            minLength: width * height,
            maxLength: width * height,
          })
          .map((values) => ({ width, height, data: Uint8Array.from(values, (v) => +(v > 11)) })),
      );
    fc.assert(
      fc.property(masks, (mask) => {
        const rows = decodeRle(encodeRle(mask));
        expect(rows.flat()).toEqual([...mask.data]);
      }),
    );
  });
});

describe('the largest component', () => {
  test('has the pixels that touch and no others', () => {
    const found = findLargestComponent(
      maskOf([
        [1, 0, 0, 1],
        [0, 1, 0, 1],
        [1, 0, 0, 0],
      ]),
    );
    expect(found).toMatchObject({ area: 3, box: { x: 0, y: 0, width: 2, height: 3 } });
    expect([...found!.mask.data]).toEqual([1, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0]);
  });

  test('is none of an empty mask', () => {
    expect(findLargestComponent(maskOf([[0, 0]]))).toBeNull();
  });
});
