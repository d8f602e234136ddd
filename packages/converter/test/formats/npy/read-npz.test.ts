import { describe, expect, test } from 'vitest';
import { createMemorySource } from '../../../src/bytes/source.ts';
import { CRC32 } from '../../../src/formats/zip/open-member.ts';
import { readNpz } from '../../../src/formats/npy/read-npz.ts';
import { describeTensors, readFixture } from '../../support/fixtures.ts';

async function readAll(bytes: Uint8Array) {
  const file = await readNpz(createMemorySource('x.npz', bytes));
  return describeTensors(file.tensors);
}

/** Places of a byte sequence. */
function findAll(bytes: Uint8Array, sequence: readonly number[]): number[] {
  return [...bytes.keys()].filter((start) =>
    sequence.every((byte, index) => bytes[start + index] === byte),
  );
}

const ENTRY = [0x50, 0x4b, 0x01, 0x02];

describe('CRC-32 of zip', () => {
  test('"123456789"', () => {
    expect(CRC32.update(0, new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
  });
});

describe('.npz', () => {
  test('can be read twice, and each time from the front', async () => {
    const file = await readNpz(createMemorySource('x', readFixture('npy/compressed.npz')));
    expect(await describeTensors(file.tensors)).toEqual(await describeTensors(file.tensors));
  });

  test.each(['stored.npz', 'compressed.npz'])('%s: a changed bit is found', async (name) => {
    const bytes = readFixture(`npy/${name}`);
    // In the data of the first member, after its headers.
    bytes[400]! ^= 1;
    await expect(readAll(bytes)).rejects.toMatchObject({ name: /ChecksumError|FormatError/ });
  });

  test.each([
    ['encryption', 8, 1, 'is encrypted'],
    ['another method', 10, 14, 'compressed by method 14'],
    ['a member after the end', 45, 0x7f, 'more bytes, found'],
    ['a size over any other', 27, 0x7f, /inflation|two sizes|announced|limit/],
  ])('%s is refused', async (_, field, value, message) => {
    const bytes = readFixture('npy/compressed.npz');
    const [entry = 0] = findAll(bytes, ENTRY);
    bytes[entry + field] = value;
    await expect(readAll(bytes)).rejects.toThrow(message);
  });

  test('without a directory is called truncated', async () => {
    const bytes = readFixture('npy/stored.npz');
    await expect(readAll(bytes.slice(0, -22))).rejects.toThrow(
      'the end record of the zip directory is missing',
    );
  });
});
