import { describe, expect, test } from 'vitest';
import { ByteCursor } from '../../src/bytes/byte-cursor.ts';
import { computeCrc32c, CRC32C } from '../../src/bytes/crc32c.ts';
import {
  createMemoryFolder,
  createMemorySource,
  sliceSource,
  type RandomAccessSource,
} from '../../src/bytes/source.ts';
import { SourceReader } from '../../src/bytes/source-reader.ts';
import { createVerifiedSource } from '../../src/bytes/verified-source.ts';
import { FormatError } from '../../src/errors.ts';

const bytes = Uint8Array.from({ length: 100 }, (_, index) => index);

describe('a source in memory', () => {
  const source = createMemorySource('numbers', bytes);

  test('reads any range', async () => {
    expect(await source.read(10, 3)).toEqual(Uint8Array.of(10, 11, 12));
    expect(await source.read(100, 0)).toEqual(new Uint8Array(0));
  });

  test.each([
    [99, 2],
    [-1, 1],
    [0, -1],
    [0.5, 1],
    [0, Number.NaN],
    [2 ** 60, 1],
  ])('refuses [%d, +%d]', async (offset, length) => {
    await expect(source.read(offset, length)).rejects.toThrow(FormatError);
  });

  test('a slice cannot be read beyond its end', async () => {
    const slice = sliceSource(source, 90, 5);
    expect(await slice.read(0, 5)).toEqual(bytes.slice(90, 95));
    await expect(slice.read(1, 5)).rejects.toThrow('truncated');
    expect(() => sliceSource(source, 90, 11)).toThrow(FormatError);
  });

  test('a folder knows only its own files', async () => {
    const folder = createMemoryFolder(new Map([['a', bytes]]));
    expect((await folder.open('a'))?.byteLength).toBe(100);
    expect(await folder.open('b')).toBeUndefined();
  });
});

describe('ByteCursor', () => {
  test('reads little-endian and says where it failed', () => {
    const cursor = new ByteCursor(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 0x96, 0x01), 'test', 1000);
    expect(cursor.readUint8()).toBe(1);
    expect(cursor.readUint16()).toBe(0x0302);
    expect(cursor.readUint32()).toBe(0x07060504);
    expect(cursor.readVarint()).toBe(150);
    expect(cursor.remaining).toBe(0);
    expect(() => cursor.readUint8()).toThrow('test: expected 1 more bytes, found 0 (byte 1009)');
  });
});

describe('SourceReader', () => {
  test('fetches windows, not bytes', async () => {
    const large = new Uint8Array(200_000).map((_, index) => index & 0x7f);
    const reads: number[] = [];
    const source: RandomAccessSource = {
      ...createMemorySource('large', large),
      async read(offset, length) {
        reads.push(length);
        return large.subarray(offset, offset + length);
      },
    };
    const reader = new SourceReader(source, 'test');
    let wrong = 0;
    for (let count = 0; count < 200_000; count++) {
      if (reader.isShort(1)) await reader.need(1);
      if (reader.readUint8() !== (count & 0x7f)) wrong++;
    }
    expect(wrong).toBe(0);
    expect(reads).toEqual([65536, 65536, 65536, 200_000 - 3 * 65536]);
  });

  test('skips without fetching and finds bytes ahead', async () => {
    const reader = new SourceReader(createMemorySource('numbers', bytes), 'test');
    await reader.need(1);
    reader.skip(50);
    expect(await reader.findByte(60, 20)).toBe(10);
    await expect(reader.findByte(80, 20)).rejects.toThrow('expected byte 80 within');
    await expect(reader.findByte(200, 1000)).rejects.toThrow('expected byte 200 within');
    expect(() => reader.skip(51)).toThrow('expected 51 more bytes, found 50');
  });

  test('a varint must end before the range does', async () => {
    const source = createMemorySource('varint', Uint8Array.of(0x80, 0x01));
    const reader = new SourceReader(source, 'test', 0, 1);
    await reader.need(10);
    expect(() => reader.readVarint()).toThrow('bad varint');
  });
});

describe('a verified source', () => {
  function createVerified(start: number, byteLength: number, found: number[]): RandomAccessSource {
    return createVerifiedSource({
      source: createMemorySource('numbers', bytes),
      algorithm: CRC32C,
      start,
      byteLength,
      coveredStart: 5,
      coveredEnd: 95,
      check: (crc) => void found.push(crc),
    });
  }
  const expected = computeCrc32c(bytes.slice(5, 95));

  test.each([
    ['in one go', [[0, 40]]],
    [
      'in pieces',
      [
        [0, 10],
        [10, 20],
        [30, 10],
      ],
    ],
    [
      'with pieces read twice',
      [
        [0, 10],
        [5, 10],
        [0, 15],
        [15, 25],
      ],
    ],
    [
      'with a gap',
      [
        [0, 10],
        [30, 10],
      ],
    ],
  ])('sums all covered bytes, once, read %s', async (_, reads) => {
    const found: number[] = [];
    const source = createVerified(20, 40, found);
    for (const [offset = 0, length = 0] of reads) {
      expect(await source.read(offset, length)).toEqual(
        bytes.slice(20 + offset, 20 + offset + length),
      );
    }
    expect(found).toEqual([expected]);
  });

  test('does not judge before the end', async () => {
    const found: number[] = [];
    await createVerified(20, 40, found).read(0, 39);
    expect(found).toEqual([]);
  });
});
