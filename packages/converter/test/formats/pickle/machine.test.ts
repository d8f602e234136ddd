import { describe, expect, test } from 'vitest';
import { createMemorySource } from '../../../src/bytes/source.ts';
import { UnsupportedError } from '../../../src/errors.ts';
import { runPickle } from '../../../src/formats/pickle/machine.ts';
import { buildPickle } from '../../support/build-npy.ts';

function run(...parts: readonly (string | number | Uint8Array)[]) {
  return runPickle(createMemorySource('test.pickle', buildPickle(...parts)));
}

describe('literals', () => {
  // Each as CPython's pickletools describes it.
  test.each([
    ['None', ['N'], null],
    ['True', [0x88], true],
    ['False', [0x89], false],
    ['BININT -1', ['J', 0xff, 0xff, 0xff, 0xff], -1],
    ['BININT1', ['K', 200], 200],
    ['BININT2', ['M', 0x00, 0x02], 512],
    ['INT', ['I-12\n'], -12],
    ['INT as True', ['I01\n'], true],
    ['LONG', ['L123L\n'], 123],
    ['LONG of many digits', ['L123456789012345678901L\n'], 123456789012345678901n],
    ['LONG1', [0x8a, 2, 0x00, 0xff], -256],
    ['LONG1 of nothing', [0x8a, 0], 0],
    ['LONG4', [0x8b, 1, 0, 0, 0, 0x7f], 127],
    ['BINFLOAT', ['G', 0x3f, 0xf8, 0, 0, 0, 0, 0, 0], 1.5],
    ['FLOAT', ['F-2.5\n'], -2.5],
    ['BINUNICODE', ['X', 3, 0, 0, 0, 'a', 0xc3, 0xa9], 'aé'],
    ['SHORT_BINUNICODE', [0x8c, 1, 'a'], 'a'],
    ['BINUNICODE8', [0x8d, 1, 0, 0, 0, 0, 0, 0, 0, 'a'], 'a'],
    ['UNICODE', ['V\\u00e9\\n\n'], 'é\\n'],
  ])('%s', async (_, parts, expected) => {
    expect(await run(...parts, '.')).toEqual(expected);
  });

  test.each([
    ['SHORT_BINSTRING', ['U', 2, 0x80, 0xff]],
    ['BINSTRING', ['T', 2, 0, 0, 0, 0x80, 0xff]],
    ['SHORT_BINBYTES', ['C', 2, 0x80, 0xff]],
    ['BINBYTES', ['B', 2, 0, 0, 0, 0x80, 0xff]],
    ['BINBYTES8', [0x8e, 2, 0, 0, 0, 0, 0, 0, 0, 0x80, 0xff]],
    ['BYTEARRAY8', [0x96, 2, 0, 0, 0, 0, 0, 0, 0, 0x80, 0xff]],
    ['STRING', ["S'\\x80\\xff'\n"]],
  ])('%s keeps bytes over 127 as they are', async (_, parts) => {
    expect(await run(...parts, '.')).toMatchObject({
      kind: 'bytes',
      inline: Uint8Array.of(0x80, 0xff),
    });
  });

  test('a long string stays a range of the file', async () => {
    const long = new Uint8Array(5000).fill(7);
    const value = await run('T', 0x88, 0x13, 0, 0, long, '.');
    expect(value).toMatchObject({ kind: 'bytes', inline: undefined });
    expect(value).toHaveProperty('range.byteLength', 5000);
  });

  test('escapes of protocol 0', async () => {
    const value = await run("S'a\\n\\t\\\\\\'\\x41'\n.");
    expect(value).toMatchObject({ inline: Uint8Array.of(0x61, 10, 9, 0x5c, 0x27, 0x41) });
  });
});

describe('containers', () => {
  test('lists, tuples and dicts', async () => {
    const value = await run('}(U', 1, 'k', ']q', 0, '(K', 1, 'K', 2, 'eU', 1, 'l', 'h', 0, 'u.');
    const list = { kind: 'list', items: [1, 2] };
    expect(value).toEqual({
      kind: 'dict',
      entries: new Map([
        ['k', list],
        ['l', list],
      ]),
    });
    expect(await run('(K', 1, 'K', 2, 't.')).toEqual({ kind: 'tuple', items: [1, 2] });
    expect(await run('K', 1, 'K', 2, 'K', 3, 0x87, '.')).toEqual({
      kind: 'tuple',
      items: [1, 2, 3],
    });
    expect(await run('(K', 1, 'l.')).toEqual({ kind: 'list', items: [1] });
    expect(await run('(U', 1, 'a', 'K', 1, 'd.')).toEqual({
      kind: 'dict',
      entries: new Map([['a', 1]]),
    });
  });

  test('a key cannot reach a prototype', async () => {
    const value = await run('}U', 9, '__proto__', 'K', 1, 's.');
    expect(value).toEqual({ kind: 'dict', entries: new Map([['__proto__', 1]]) });
    expect(Object.prototype).not.toHaveProperty('1');
  });

  test('memo by number, text and order', async () => {
    expect(await run('K', 7, 'p5\n', '0', 'g5\n.')).toBe(7);
    expect(await run('K', 7, 'r', 1, 0, 0, 0, '0j', 1, 0, 0, 0, '.')).toBe(7);
    expect(await run('K', 7, 0x94, '0h', 0, '.')).toBe(7);
  });
});

describe('globals', () => {
  test.each([
    ['os', 'system'],
    ['posix', 'system'],
    ['__builtin__', 'eval'],
    ['builtins', 'getattr'],
    ['numpy', 'load'],
    ['numpy.core.multiarray', 'fromfile'],
    ['constructor', 'prototype'],
  ])('%s.%s is refused by its name, and nothing runs', async (module, name) => {
    const error = await run(`c${module}\n${name}\n(U`, 4, 'date', 'tR.').catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(UnsupportedError);
    expect(error).toMatchObject({ feature: `pickle global ${module}.${name}` });
    expect(String(error)).toContain(`"${module}.${name}"`);
  });

  test('the same through STACK_GLOBAL', async () => {
    const parts = [0x8c, 2, 'os', 0x8c, 6, 'system', 0x93, '.'];
    await expect(run(...parts)).rejects.toThrow('"os.system"');
  });

  test('allowed ones cannot be called otherwise than numpy does', async () => {
    await expect(run('cnumpy\nndarray\n)R.')).rejects.toThrow('bad arguments for ndarray');
    await expect(run('c_codecs\nencode\n(U', 1, 'a', 'U', 3, 'rot', 'tR.')).rejects.toThrow(
      "_codecs.encode to 'rot'",
    );
    await expect(run('c__builtin__\nbytes\n(K', 9, 'tR.')).rejects.toThrow(
      'bad arguments for bytes',
    );
    await expect(run('K', 1, ')R.')).rejects.toThrow('REDUCE of number');
    await expect(run(']', ')b.')).rejects.toThrow('BUILD of list');
  });

  test.each([
    ['INST', ['(ios\nsystem\n.']],
    ['OBJ', ['(o.']],
    ['NEWOBJ', [')', 0x81, '.']],
    ['PERSID', ['P1\n.']],
    ['EXT1', [0x82, 1, '.']],
    ['NEXT_BUFFER', [0x97, '.']],
  ])('opcode %s is refused', async (_, parts) => {
    await expect(run(...parts)).rejects.toThrow(/pickle opcode 0x[0-9a-f]+ /);
  });
});

describe('what is no pickle', () => {
  test.each([
    ['the end before STOP', ['N'], 'ends without the opcode STOP'],
    ['an empty stack', ['.'], 'the stack is empty'],
    ['no mark', ['t.'], 'no mark'],
    ['a memo index never put', ['h', 3, '.'], 'memo index 3'],
    ['an APPEND to a dict', ['}Na.'], 'APPEND to something other than a list'],
    ['a dict as a key', ['}}Ns.'], 'a dict key that is not a string'],
    ['an odd count', ['}(Nu.'], 'odd number of items'],
    ['a newer protocol', [0x80, 6, 'N.'], 'pickle protocol 6'],
    ['a line without end', ['I12'], 'expected byte 10 within'],
    ['no integer', ['Iabc\n.'], 'bad integer'],
    ['an unclosed string', ["S'abc\n."], 'bad STRING'],
  ])('%s', async (_, parts, message) => {
    await expect(run(...parts)).rejects.toThrow(message);
  });

  test('a string longer than the file says how much is missing, without allocating it', async () => {
    await expect(run('T', 0, 0, 0x90, 0, 'abc')).rejects.toThrow(
      'expected a string of 9437184 bytes, found 3 more bytes',
    );
    await expect(run('B', 0xff, 0xff, 0xff, 0xff)).rejects.toThrow('4294967295 bytes, found 0');
  });

  test('a file of duplicating opcodes runs into a limit', async () => {
    const bomb = new Uint8Array(1_100_000).fill('2'.charCodeAt(0));
    await expect(run('N', bomb, '.')).rejects.toMatchObject({ tag: 'LimitError' });
  });
});
