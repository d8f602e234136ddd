import { describe, expect, test } from 'vitest';
import { createMemorySource } from '../../../src/bytes/source.ts';
import { readPickledTensors } from '../../../src/formats/pickle/collect-tensors.ts';
import { createLatin1Source } from '../../../src/formats/pickle/latin1-source.ts';
import { buildPickle, buildPickledNpy } from '../../support/build-npy.ts';
import { readNpy } from '../../../src/formats/npy/read-npy.ts';

/** Opcodes of a float32 array of `count` elements, C order, as Python 2 writes them. */
function arrayOpcodes(
  count: number,
  raw: Uint8Array,
  order = '<',
  shape = count,
): (string | number | Uint8Array)[] {
  return [
    'cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\nK',
    0,
    0x85,
    'U',
    1,
    'btR',
    '(K',
    1,
    'K',
    shape,
    0x85,
    'cnumpy\ndtype\nU',
    2,
    'f4K',
    0,
    'K',
    1,
    0x87,
    'R',
    '(K',
    3,
    'U',
    1,
    order,
    'NNNJ',
    0xff,
    0xff,
    0xff,
    0xff,
    'J',
    0xff,
    0xff,
    0xff,
    0xff,
    'K',
    0,
    'tb',
    0x89,
    'U',
    raw.length,
    raw,
    'tb',
  ];
}

async function collect(...parts: readonly (string | number | Uint8Array)[]) {
  return readPickledTensors(createMemorySource('t', buildPickle(...parts)));
}

const two = new Uint8Array(Float32Array.of(1, 2).buffer);

describe('arrays in a pickle', () => {
  test('are named by their path; other things are skipped, and named too', async () => {
    const parts = ['}(U', 5, 'conv1', '](', ...arrayOpcodes(2, two), 'NeU', 4, 'noteU', 2, 'hiu.'];
    const { tensors, skipped } = await collect(...parts);
    expect(tensors.map(({ name, dtype, shape }) => [name, dtype, shape])).toEqual([
      ['conv1/0', 'float32', [2]],
    ]);
    expect(skipped).toEqual([
      { name: 'conv1/1', reason: 'a None instead of an array' },
      { name: 'note', reason: 'a bytes instead of an array' },
    ]);
  });

  test('byte order comes from the state of the dtype', async () => {
    const big = Uint8Array.of(0x3f, 0x80, 0, 0, 0x40, 0, 0, 0);
    const { tensors } = await collect(...arrayOpcodes(2, big, '>'), '.');
    const chunks: Uint8Array[] = [];
    for await (const chunk of tensors[0]!.chunks()) chunks.push(chunk);
    expect(new Uint8Array(Buffer.concat(chunks))).toEqual(two);
  });

  test('a shape that does not fit its bytes is refused', async () => {
    await expect(collect(...arrayOpcodes(2, two, '<', 3), '.')).rejects.toThrow(
      'expected 12 bytes for float32 [3], found 8',
    );
  });

  test('a pickle without arrays is refused', async () => {
    await expect(collect('K', 1, '.')).rejects.toThrow('expected arrays of numbers, found number');
  });

  test('a list that contains itself ends at a limit', async () => {
    const read = readNpy(
      createMemorySource('x.npy', buildPickledNpy(buildPickle(']q', 0, 'h', 0, 'a.'))),
    );
    await expect(read).rejects.toMatchObject({ tag: 'LimitError' });
  });

  test('shared lists cannot multiply without end', async () => {
    // Twenty levels of [x, x, x, x]: a million million paths.
    const levels = Array.from({ length: 20 }, (_, level) => [
      '](',
      ...Array(4).fill(['h', level]).flat(),
      'eq',
      level + 1,
    ]).flat() as (string | number)[];
    await expect(collect(']q', 0, ...levels, '.')).rejects.toMatchObject({ tag: 'LimitError' });
  });
});

describe('bytes written as latin1 text', () => {
  const bytes = Uint8Array.from({ length: 700_000 }, (_, index) => (index * 7) & 0xff);
  const encoded = new TextEncoder().encode(Buffer.from(bytes).toString('latin1'));

  test('are read at any place, forwards and backwards', async () => {
    const source = createLatin1Source(createMemorySource('t', encoded), bytes.length);
    for (const [offset, length] of [
      [0, 10],
      [650_000, 50_000],
      [3, 0],
      [255_990, 100],
      [0, 700_000],
    ] as const) {
      const found = await source.read(offset, length);
      expect(Buffer.from(found).equals(bytes.subarray(offset, offset + length))).toBe(true);
    }
  });

  test.each([
    ['fewer', bytes.length + 1, 'expected 700001 bytes, found 700000'],
    ['more', bytes.length - 1, 'expected 699999 bytes'],
  ])('%s than wanted are refused', async (_, wanted, message) => {
    const source = createLatin1Source(createMemorySource('t', encoded), wanted);
    await expect(source.read(0, wanted)).rejects.toThrow(message);
  });

  test('what is not latin1 is refused', async () => {
    const source = createLatin1Source(createMemorySource('t', new TextEncoder().encode('€')), 1);
    await expect(source.read(0, 1)).rejects.toThrow(
      'expected array text in latin1, found byte 0xe2',
    );
  });
});
