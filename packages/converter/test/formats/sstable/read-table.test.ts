import { describe, expect, test } from 'vitest';
import { createMemorySource } from '../../../src/bytes/source.ts';
import { ChecksumError, FormatError, LimitError } from '../../../src/errors.ts';
import { readTable } from '../../../src/formats/sstable/read-table.ts';
import { buildTable } from '../../support/build-table.ts';

const text = new TextEncoder();
const entries = ['', 'conv1/biases', 'conv1/weights', 'conv2'].map((key): [string, Uint8Array] => [
  key,
  text.encode(`value of ${key}`),
]);

async function readAll(bytes: Uint8Array): Promise<[string, string][]> {
  const found: [string, string][] = [];
  for (const { key, value } of await readTable(createMemorySource('test.ckpt', bytes))) {
    const content = await value.openVerified(0, value.byteLength).read(0, value.byteLength);
    found.push([new TextDecoder().decode(key), new TextDecoder().decode(content)]);
  }
  return found;
}

describe('a table', () => {
  const expected = entries.map(([key]) => [key, `value of ${key}`]);

  test.each([
    ['one entry a block', {}],
    ['shared key prefixes', { entriesPerBlock: 3 }],
    ['Snappy blocks', { entriesPerBlock: 4, snappy: true }],
  ])('with %s', async (_, options) => {
    expect(await readAll(buildTable(entries, options))).toEqual(expected);
  });

  test('without entries', async () => {
    expect(await readAll(buildTable([]))).toEqual([]);
  });
});

describe('a block too large to hold', () => {
  const large = new Uint8Array(1_500_000).map((_, index) => index % 251);
  const bytes = buildTable([
    ['', text.encode('meta')],
    ['large', large],
    ['small', text.encode('small')],
  ]);

  test('streams, and its checksum is verified with its last bytes', async () => {
    const [, entry] = await readTable(createMemorySource('test', bytes));
    const value = entry!.value.openVerified(0, large.length);
    const parts = [await value.read(0, 700_000), await value.read(700_000, 800_000)];
    expect(Buffer.concat(parts).equals(large)).toBe(true);
  });

  test.each([
    ['in the value', 1_000_000],
    ['in the restart points after it', 1_500_031],
  ])('damage %s is found at the end, not before', async (_, place) => {
    const damaged = bytes.slice();
    damaged[place]! ^= 0x10;
    const [, entry] = await readTable(createMemorySource('test', damaged));
    const value = entry!.value.openVerified(0, large.length);
    await value.read(0, large.length - 1);
    await expect(value.read(large.length - 1, 1)).rejects.toThrow(ChecksumError);
  });
});

describe('what is no table is refused:', () => {
  const good = buildTable(entries, { entriesPerBlock: 2 });

  test('too short', async () => {
    await expect(readAll(good.slice(0, 47))).rejects.toThrow(
      'expected a table of at least 48 bytes, found 47',
    );
  });

  test('another magic', async () => {
    const bytes = good.slice();
    bytes[bytes.length - 1] = 0;
    await expect(readAll(bytes)).rejects.toThrow('expected the magic number of a table at the end');
  });

  test('a changed bit in a block names the block and both sums', async () => {
    const bytes = good.slice();
    bytes[4]! ^= 1;
    const error = await readAll(bytes).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ChecksumError);
    expect(error).toMatchObject({ subject: 'block at byte 0 of test.ckpt' });
    expect(String(error)).toMatch(/crc32c is [0-9a-f]{8}, expected [0-9a-f]{8}/);
  });

  test('keys out of order', async () => {
    const swapped = [entries[2]!, entries[1]!];
    await expect(readAll(buildTable(swapped))).rejects.toThrow('ascending order');
  });

  test('a Snappy block that claims to be huge', async () => {
    // 0xffffffff bytes from six: the length is checked before anything is allocated.
    const contents = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f, 0x00);
    const table = buildTable(entries, { forged: { contents, type: 1 } });
    await expect(readAll(table)).rejects.toThrow(LimitError);
  });

  test('a block type of its own', async () => {
    const table = buildTable(entries, { forged: { contents: new Uint8Array(8), type: 7 } });
    await expect(readAll(table)).rejects.toThrow('bad block type 7');
    await expect(readAll(table)).rejects.toThrow(FormatError);
  });

  test.each([
    ['a restart count beyond the block', [0, 0, 0, 0, 9, 0, 0, 0], '9 restart points'],
    ['a shared prefix longer than the key before', [3, 1, 0, 65, 0, 0, 0, 0], '3 shared of 0'],
    ['a value beyond the block', [0, 1, 9, 65, 0, 0, 0, 0], 'value to 13 of 4'],
    ['lengths that do not end', [0x80, 0x80, 0x80, 0x80, 0, 0, 0, 0], 'bad entry'],
    ['two bytes', [0, 0], 'expected a block of at least 4 bytes'],
  ])('%s', async (_, contents, message) => {
    const forged = { contents: Uint8Array.from(contents), type: 0 };
    await expect(readAll(buildTable(entries, { forged }))).rejects.toThrow(message);
  });
});
