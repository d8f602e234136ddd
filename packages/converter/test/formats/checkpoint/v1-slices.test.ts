import { describe, expect, test } from 'vitest';
import { createMemorySource } from '../../../src/bytes/source.ts';
import { readCheckpointV1 } from '../../../src/formats/checkpoint/v1-slices.ts';
import { buildTable, concat, field, varint } from '../../support/build-table.ts';

const FLOAT32 = 1;
const INT64 = 9;
const STRING = 7;

/** A checkpoint of one tensor `x` whose TensorProto is given. */
async function readTensor(dtype: number, shape: readonly number[], proto: Uint8Array) {
  const source = createMemorySource('test.ckpt', buildCheckpoint(dtype, shape, proto));
  const file = await readCheckpointV1([source]);
  const chunks: Uint8Array[] = [];
  for await (const chunk of file.tensors[0]!.chunks()) chunks.push(chunk);
  return concat(...chunks);
}

function buildCheckpoint(dtype: number, shape: readonly number[], proto: Uint8Array): Uint8Array {
  const shapeProto = concat(...shape.map((size) => field(2, field(1, size))));
  const extents = concat(...shape.map(() => field(1, new Uint8Array(0))));
  const meta = concat(field(1, 'x'), field(2, shapeProto), field(3, dtype), field(4, extents));
  const slice = concat(field(1, 'x'), field(2, extents), field(3, proto));
  return buildTable([
    ['', field(1, field(1, meta))],
    ['x', field(2, slice)],
  ]);
}

function floats(...values: number[]): Uint8Array {
  return new Uint8Array(Float32Array.from(values).buffer);
}

/** A fixed32 field: one unpacked float. */
function unpackedFloat(number: number, value: number): Uint8Array {
  return concat(varint(number * 8 + 5), floats(value));
}

describe('values of a V1 tensor', () => {
  test.each([
    ['packed floats', field(5, floats(1, 2, 3))],
    ['raw content', field(4, floats(1, 2, 3))],
    ['two packed chunks', concat(field(5, floats(1, 2)), field(5, floats(3)))],
    ['unpacked floats', concat(...[1, 2, 3].map((value) => unpackedFloat(5, value)))],
    ['packed after unpacked', concat(unpackedFloat(5, 1), field(5, floats(2, 3)))],
    ['fields that say nothing', concat(field(1, 1), field(3, 7), field(5, floats(1, 2, 3)))],
  ])('as %s', async (_, proto) => {
    expect(await readTensor(FLOAT32, [3], proto)).toEqual(floats(1, 2, 3));
  });

  test('a single one fills the shape', async () => {
    expect(await readTensor(FLOAT32, [2, 2], field(5, floats(7)))).toEqual(floats(7, 7, 7, 7));
  });

  test('int64 varints, negative ones too', async () => {
    const minusOne = concat(new Uint8Array(9).fill(0xff), Uint8Array.of(1));
    const packed = field(10, concat(varint(1000), minusOne));
    const bytes = await readTensor(INT64, [2], packed);
    expect(new BigInt64Array(bytes.buffer)).toEqual(BigInt64Array.of(1000n, -1n));
  });

  test.each([
    ['too few', field(5, floats(1, 2)), 'expected 12 bytes after decompression, found 8'],
    ['too many', field(5, floats(1, 2, 3, 4)), 'expected 12 bytes after decompression, found more'],
    ['none', new Uint8Array(0), 'expected 12 bytes after decompression, found 0'],
    ['a torn float', field(5, new Uint8Array(13)), '13 bytes of 4-byte values'],
  ])('%s are refused', async (_, proto, message) => {
    await expect(readTensor(FLOAT32, [3], proto)).rejects.toThrow(message);
  });
});

describe('a V1 checkpoint', () => {
  test('skips strings by name', async () => {
    const source = createMemorySource('test', buildCheckpoint(STRING, [1], field(8, 'text')));
    const file = await readCheckpointV1([source]);
    expect(file.tensors).toEqual([]);
    expect(file.skipped).toEqual([{ name: 'x', reason: 'dtype string' }]);
  });

  test('without values for a listed tensor is refused', async () => {
    const meta = concat(field(1, 'x'), field(2, field(2, field(1, 3))), field(3, FLOAT32));
    const listed = concat(meta, field(4, field(1, new Uint8Array(0))));
    const table = buildTable([['', field(1, field(1, listed))]]);
    const read = readCheckpointV1([createMemorySource('test', table)]);
    await expect(read).rejects.toThrow('no values for slice 0+3 of x');
  });

  test('without a table of contents is refused', async () => {
    const table = buildTable([['x', field(2, field(1, 'x'))]]);
    const read = readCheckpointV1([createMemorySource('test', table)]);
    await expect(read).rejects.toThrow('test has no table of contents');
  });

  test('a shape of 2^40 elements is refused before anything is read', async () => {
    const source = createMemorySource('t', buildCheckpoint(FLOAT32, [2 ** 40], new Uint8Array(0)));
    await expect(readCheckpointV1([source])).rejects.toMatchObject({ tag: 'LimitError' });
  });
});
