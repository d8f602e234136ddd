import { expect, test } from 'vitest';
import { createMemorySource } from '../../../src/bytes/source.ts';
import { readNpz } from '../../../src/formats/npy/read-npz.ts';
import { MAX_LISTED_SKIPPED } from '../../../src/tensors/skipped-entries.ts';
import { buildNpy, buildPickle, buildPickledNpy } from '../../support/build-npy.ts';
import { buildZip } from '../../support/build-zip.ts';

/** Files as numpy 2 writes them with text, dates or objects beside the weights. */
const weights = buildNpy(
  "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }\n",
  new Uint8Array(Float32Array.of(1, 2, 3).buffer),
);

async function readBeside(member: string, content: Uint8Array, deflate = false) {
  const zip = buildZip(
    [
      [member, content],
      ['w.npy', weights],
    ],
    { deflate },
  );
  const { tensors, skipped } = await readNpz(createMemorySource('x.npz', zip));
  const chunks: number[] = [];
  for await (const chunk of tensors[0]!.chunks()) {
    chunks.push(...new Float32Array(chunk.slice().buffer));
  }
  return { names: tensors.map(({ name }) => name), values: chunks, skipped };
}

function header(descr: string, count: number): string {
  return `{'descr': ${descr}, 'fortran_order': False, 'shape': (${count},), }\n`;
}

test.each([
  ["'<U3'", 24, 'numpy type <U3 (text)'],
  ["'|S3'", 6, 'numpy type |S3 (text)'],
  ["'<M8[D]'", 16, 'numpy type <M8[D] (dates)'],
  ["'<m8[ns]'", 16, 'numpy type <m8[ns] (durations)'],
  ["'<f16'", 32, 'numpy type <f16 (floats of another size)'],
  ["[('a', '<f4'), ('b', '<U3')]", 32, 'a structured numpy type (records)'],
])('%s beside weights is skipped with its reason', async (descr, bytes, reason) => {
  const text = buildNpy(header(descr, 2), new Uint8Array(bytes));
  expect(await readBeside('names.npy', text)).toEqual({
    names: ['w'],
    values: [1, 2, 3],
    skipped: [{ name: 'names', reason }],
  });
});

/** An object array of `items`, given as opcodes, as numpy pickles it. */
function objects(shape: Uint8Array, ...items: readonly (string | number | Uint8Array)[]) {
  return buildPickledNpy(
    buildPickle(
      'cnumpy._core.multiarray\n_reconstruct\ncnumpy\nndarray\nK',
      0,
      0x85,
      'C',
      1,
      'b',
      0x87,
      'R(K',
      1,
      shape,
      'cnumpy\ndtype\n',
      0x8c,
      2,
      'O8',
      0x89,
      0x88,
      0x87,
      'R(K',
      3,
      0x8c,
      1,
      '|NNNJ',
      Uint8Array.of(0xff, 0xff, 0xff, 0xff),
      'J',
      Uint8Array.of(0xff, 0xff, 0xff, 0xff),
      'K',
      0x3f,
      'tb',
      0x89,
      ...items,
      'tb.',
    ),
  );
}

test('an object array of texts is skipped, each by its path', async () => {
  const two = Uint8Array.of(0x4b, 2, 0x85);
  const names = objects(two, '](', 0x8c, 3, 'cat', 0x8c, 3, 'doge');
  expect(await readBeside('names.npy', names)).toMatchObject({
    names: ['w'],
    skipped: [
      { name: 'names/0', reason: 'a string instead of an array' },
      { name: 'names/1', reason: 'a string instead of an array' },
    ],
  });
});

test.each([false, true])(
  '200,000 texts are counted, not listed (deflated: %s)',
  async (deflate) => {
    const many = '\x8c\x01x'.repeat(200_000);
    const content = objects(Uint8Array.of(0x4d, 0xff, 0xff, 0x85), '](', many, 'e');
    const { names, skipped } = await readBeside('names.npy', content, deflate);
    expect(names).toEqual(['w']);
    expect(skipped).toHaveLength(MAX_LISTED_SKIPPED + 1);
    expect(skipped.at(-1)).toEqual({ name: '(199000 more)', reason: 'not arrays either' });
  },
);

test('with nothing but text a file is refused, and says so', async () => {
  const zip = buildZip([['names.npy', buildNpy(header("'<U3'", 2), new Uint8Array(24))]]);
  await expect(readNpz(createMemorySource('x.npz', zip))).rejects.toThrow(
    'x.npz: expected .npy arrays of numbers, found names: numpy type <U3 (text)',
  );
});

test('a pickled call to anything else is still refused whole', async () => {
  const evil = buildPickledNpy(buildPickle('cos\nsystem\n(U', 4, 'date', 'tR.'));
  await expect(readBeside('names.npy', evil)).rejects.toMatchObject({ tag: 'UnsupportedError' });
});
