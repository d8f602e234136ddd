import { describe, expect, test } from 'vitest';
import { createMemorySource } from '../../../src/bytes/source.ts';
import { readNpyHeader } from '../../../src/formats/npy/header.ts';
import { parsePythonLiteral } from '../../../src/formats/npy/python-literal.ts';
import { readNpy } from '../../../src/formats/npy/read-npy.ts';
import { buildNpy } from '../../support/build-npy.ts';

function readHeader(text: string, version = 1) {
  return readNpyHeader(createMemorySource('x.npy', buildNpy(text, new Uint8Array(0), version)));
}

const plain = "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }";

describe('the header of a .npy', () => {
  test.each([1, 2, 3])('version %d', async (version) => {
    expect(await readHeader(plain, version)).toEqual({
      type: { dtype: 'float32', bigEndian: false },
      shape: [3, 4],
      fortranOrder: false,
      dataOffset: (version === 1 ? 10 : 12) + plain.length,
    });
  });

  test.each([
    ['()', []],
    ['(5,)', [5]],
    ['(2L, 3L)', [2, 3]],
    ['[1, 2]', [1, 2]],
  ])('shape %s', async (shape, expected) => {
    const header = await readHeader(plain.replace('(3, 4)', shape));
    expect(header.shape).toEqual(expected);
  });

  test.each([
    ['>f8', 'float64', true],
    ['=f2', 'float16', false],
    ['|u1', 'uint8', false],
    ['|b1', 'bool', false],
    ['|O', 'object', false],
    ['<c16', 'complex128', false],
  ])('type %s', async (descr, dtype, bigEndian) => {
    const header = await readHeader(plain.replace('<f4', descr));
    expect(header.type).toEqual({ dtype, bigEndian });
  });

  test.each([
    ['<U5', 'UnsupportedError', 'x.npy holds numpy type <U5 (text), which cannot be read'],
    ['|S5', 'UnsupportedError', 'numpy type |S5 (text)'],
    ['<M8[ns]', 'UnsupportedError', 'numpy type <M8[ns] (dates)'],
    ['<m8[25us]', 'UnsupportedError', 'numpy type <m8[25us] (durations)'],
    ['<f4[ns]', 'UnsupportedError', 'floats of another size'],
    ['<f16', 'UnsupportedError', 'numpy type <f16 (floats of another size)'],
    ['|V8', 'UnsupportedError', 'numpy type |V8 (records)'],
    ['<q8', 'UnsupportedError', "numpy type '<q8' cannot be read"],
    ['toString', 'FormatError', 'expected a numpy type string'],
    ['<M8[ns][ns]', 'FormatError', 'expected a numpy type string'],
  ])('an array of type %s is refused', async (descr, tag, message) => {
    const text = plain.replace('<f4', descr);
    const read = readNpy(createMemorySource('x.npy', buildNpy(text, new Uint8Array(0))));
    await expect(read).rejects.toMatchObject({ tag, message: expect.stringContaining(message) });
  });

  test('an array of records is refused', async () => {
    const text = plain.replace("'<f4'", "[('a', '<f4')]");
    const read = readNpy(createMemorySource('x.npy', buildNpy(text, new Uint8Array(0))));
    await expect(read).rejects.toThrow('x.npy holds a structured numpy type (records)');
  });

  test.each([
    ['no dict', '(1, 2)', 'expected a dict'],
    ['a missing key', "{'descr': '<f4'}", 'lacks a valid'],
    ['a negative size', plain.replace('3', '-3'), 'lacks a valid'],
    ['a call', plain.replace('(3, 4)', 'exit()'), "expected a value, found 'exit()"],
    ['something after it', `${plain} 1`, 'expected the end'],
  ])('%s is refused', async (_, text, message) => {
    await expect(readHeader(text)).rejects.toThrow(message);
  });

  test('another version is refused by its number', async () => {
    await expect(readHeader(plain, 9)).rejects.toThrow('npy version 9');
  });
});

describe('Python literals', () => {
  test('strings, numbers, words, nesting', () => {
    expect(parsePythonLiteral(`{"a": [1, -2L, (True, None)], b'c': u'd'}`)).toEqual(
      new Map<string, unknown>([
        ['a', [1, -2, [true, null]]],
        ['c', 'd'],
      ]),
    );
  });

  test('endless nesting is refused', () => {
    expect(() => parsePythonLiteral('('.repeat(10_000))).toThrow('less nesting');
  });
});

describe('a numeric .npy', () => {
  test('that is too short says how much is missing', async () => {
    const source = createMemorySource('x.npy', buildNpy(plain, new Uint8Array(47)));
    await expect(readNpy(source)).rejects.toThrow(
      'x.npy is truncated: expected 48 bytes for float32 [3, 4], found 47',
    );
  });

  test('of 2^40 elements is refused before anything is read', async () => {
    const text = plain.replace('(3, 4)', `(${2 ** 40},)`);
    const source = createMemorySource('x.npy', buildNpy(text, new Uint8Array(8)));
    await expect(readNpy(source)).rejects.toMatchObject({ tag: 'LimitError' });
  });
});
