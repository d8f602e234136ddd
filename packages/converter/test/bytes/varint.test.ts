import { describe, expect, test } from 'vitest';
import { measureVarint, readVarint, readVarint64 } from '../../src/bytes/varint.ts';

describe('varints', () => {
  // The protobuf documentation's own example: 150 is 96 01.
  test.each([
    [[0x00], 0],
    [[0x96, 0x01], 150],
    [[0xff, 0xff, 0xff, 0xff, 0x0f], 2 ** 32 - 1],
    [[0x80, 0x80, 0x80, 0x80, 0x10], 2 ** 32],
    [[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f], 2 ** 53 - 1],
  ])('%j is %d', (bytes, value) => {
    const padded = Uint8Array.from([0x7f, ...bytes, 0x7f]);
    expect(readVarint(padded, 1)).toEqual({ value, end: 1 + bytes.length });
    expect(readVarint64(padded, 1)).toEqual({ value: BigInt(value), end: 1 + bytes.length });
    expect(measureVarint(padded, 1)).toBe(bytes.length);
  });

  test('-1 as int64 takes ten bytes and all 64 bits', () => {
    const bytes = Uint8Array.from([...Array<number>(9).fill(0xff), 0x01]);
    expect(readVarint64(bytes, 0)).toEqual({ value: 2n ** 64n - 1n, end: 10 });
    expect(readVarint(bytes, 0)).toBeUndefined();
  });

  test('one that does not end, or not within ten bytes, is none', () => {
    expect(readVarint(Uint8Array.of(0x80, 0x80), 0)).toBeUndefined();
    expect(readVarint64(new Uint8Array(11).fill(0x80), 0)).toBeUndefined();
    expect(measureVarint(new Uint8Array(0), 0)).toBeUndefined();
  });
});
