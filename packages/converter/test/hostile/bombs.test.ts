import { describe, expect, test, vi } from 'vitest';
import { createMemoryFolder } from '../../src/bytes/source.ts';
import { isConverterError } from '../../src/errors.ts';
import { openWeights } from '../../src/formats/open-weights.ts';
import { buildNpy, buildPickle, buildPickledNpy } from '../support/build-npy.ts';
import { buildBlock, buildTable, concat, field, varint } from '../support/build-table.ts';
import { buildZip } from '../support/build-zip.ts';

/**
 * Small files that describe endless work. Each ends in an error of ours, or is read, within a second. Time
 * of the processor counts, since tests share theirs with others; collecting garbage on a second core and
 * compiling what runs for the first time are in it, hence twice the second.
 */
const MAX_CPU_MS = 2 * 1000;

/**
 * How many times slower than a quiet core of 2.4 GHz this one works now; at least 1. A core whose other half
 * or whose host is busy needs up to three times the time for the same work, and that is no fault of ours.
 */
function measureSlowness(): number {
  const [rounds, quietMs] = [1e7, 30];
  const start = process.cpuUsage();
  let value = 0;
  for (let i = 0; i < rounds; i++) value = (value * 31 + i) | 0;
  const { user, system } = process.cpuUsage(start);
  // The value is used, so that the loop is not left out.
  return Math.max(1, (user + system) / 1000 / quietMs) + (value === 0.5 ? 1 : 0);
}
const MAX_MEMORY_BYTES = 200 * 1024 * 1024;

// By the clock, which runs on while other tests do.
vi.setConfig({ testTimeout: 120_000 });

type Files = Readonly<Record<string, Uint8Array>>;

/** Opens the first file and reads all of its tensors; the message of the error, or what was read. */
async function read(files: Files): Promise<string> {
  const [name = ''] = Object.keys(files);
  const before = process.memoryUsage().rss;
  const start = process.cpuUsage();
  let outcome: string;
  try {
    const folder = createMemoryFolder(new Map(Object.entries(files)));
    const { tensors, skipped } = await openWeights(folder, name);
    for (const tensor of tensors) for await (const chunk of tensor.chunks()) void chunk;
    outcome = `${tensors.length} tensors, ${skipped.length} skipped`;
  } catch (error) {
    if (!isConverterError(error)) throw error;
    expect(error.message).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
    expect(error.message.length).toBeLessThan(2000);
    outcome = `${error.tag}: ${error.message}`;
  }
  const { user, system } = process.cpuUsage(start);
  expect((user + system) / 1000).toBeLessThan(MAX_CPU_MS * measureSlowness());
  expect(process.memoryUsage().rss - before).toBeLessThan(MAX_MEMORY_BYTES);
  return outcome;
}

function long(value: number): Uint8Array {
  return Uint8Array.of(value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, value >>> 24);
}

/** A pickled float32 array of one element. */
const array = buildPickle(
  'cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK',
  0,
  0x85,
  'U',
  1,
  'b',
  0x87,
  'R(K',
  1,
  'K',
  1,
  0x85,
  'cnumpy\ndtype\nU',
  2,
  'f4K',
  0,
  'K',
  1,
  0x87,
  'R(K',
  3,
  'U',
  1,
  '<NNNJ',
  long(0xffffffff),
  'J',
  long(0xffffffff),
  'K',
  0,
  'tb',
  0x89,
  'U',
  4,
  Uint8Array.of(0, 0, 0x80, 0x3f),
  'tb',
);
const text = (size: number) => buildPickle('X', long(size), 'k'.repeat(size));
const pickled = (...parts: readonly (string | number | Uint8Array)[]) =>
  buildPickledNpy(buildPickle(...parts));

describe('pickles', () => {
  test.each<[string, Uint8Array, RegExp]>([
    [
      'long keys around many values',
      pickled(
        ...Array(55)
          .fill(['}', text(4000)])
          .flat(),
        '](',
        'N'.repeat(20_000),
        'e',
        's'.repeat(55),
        '.',
      ),
      /LimitError: name is \d+, more than the limit of 4096/,
    ],
    [
      'one text encoded again and again',
      pickled(
        'c_codecs\nencode\nq\0',
        text(4096),
        'q\x01X',
        long(6),
        'latin1q\x02000](',
        'h\0h\x01h\x02\x86R'.repeat(400_000),
        'e.',
      ),
      /LimitError: objects in a pickle/,
    ],
    [
      'one byte string as the key of many entries',
      pickled('B', long(4096), 'k'.repeat(4096), 'q\x000}(', 'h\0N'.repeat(400_000), 'u.'),
      /expected arrays of numbers, found dict/,
    ],
    [
      'shared lists',
      pickled(
        ']q\0(NNNNNNNNNNe0',
        ...Array.from(
          { length: 39 },
          (_, i) => `]q${String.fromCharCode(i + 1)}(${`h${String.fromCharCode(i)}`.repeat(10)}e0`,
        ),
        'h',
        39,
        '.',
      ),
      /LimitError: values in a pickle/,
    ],
    [
      'one array under many names',
      pickled(array, 'q\x000](', 'h\0'.repeat(100_000), 'e.'),
      /LimitError: names of one array/,
    ],
    ['empty dicts', pickled('](', '}'.repeat(900_000), 'e.'), /LimitError: objects in a pickle/],
    ['marks', pickled('('.repeat(900_000), '.'), /LimitError: objects in a pickle/],
    [
      'values',
      pickled('](', 'N'.repeat(1_100_000), 'e.'),
      /LimitError: values on the pickle stack/,
    ],
    ['opcodes', pickled('N0'.repeat(1_100_000), '.'), /LimitError: pickle opcodes/],
    [
      'memo entries',
      pickled(
        'N',
        Uint8Array.from({ length: 1_000_000 }, () => 0x94),
        '.',
      ),
      /LimitError: pickle memo entries/,
    ],
    [
      'text',
      pickled('](', ...Array(9000).fill(text(4096)), 'e.'),
      /LimitError: bytes of text in a pickle/,
    ],
    [
      'escapes of protocol 0',
      pickled('](', ...Array(3).fill(`S'${'\\x00'.repeat(3_000_000)}'\n`), 'e.'),
      /LimitError: bytes of text in a pickle/,
    ],
    [
      'a shape of many sizes, built again and again',
      pickled('(', 'K\x01'.repeat(300_000), 'tq\x00', array.slice(0, 60), ')b.'),
      /FormatError/,
    ],
    [
      'an object array that holds itself',
      // State of an array of no dimensions: its list is the array again.
      pickled(
        'cnumpy.core.multiarray\n_reconstruct\n)Rq\x00(K\x01)cnumpy\ndtype\nU\x02O8\x85R\x89](h\0etb.',
      ),
      /LimitError: nesting of a pickle/,
    ],
  ])('%s', async (_, bytes, message) => {
    expect(await read({ 'x.npy': bytes })).toMatch(message);
  });
});

describe('zips', () => {
  const slow = pickled('](', 'N'.repeat(50_000), 'e.');
  const names = Array.from({ length: 2000 }, (_, i) => `${String(i).padStart(5, '0')}.npy`);

  test('members that are the same bytes', async () => {
    const zip = buildZip(
      names.map((name) => [name, slow] as const),
      { overlapping: true },
    );
    expect(await read({ 'x.npz': zip })).toMatch(/00001.npy overlaps another member/);
  });

  test('members that share one limit', async () => {
    const members = names.slice(0, 100).map((name) => [name, slow] as const);
    expect(await read({ 'x.npz': buildZip(members, { deflate: true }) })).toMatch(/LimitError/);
  });

  test('two members of one name', async () => {
    const zip = buildZip([
      ['a.npy', slow],
      ['a.npy', slow],
    ]);
    expect(await read({ 'x.npz': zip })).toMatch(/two members have the name a.npy/);
  });

  test('names that JavaScript has a meaning for are names', async () => {
    const plain = buildNpy(
      "{'descr': '<f4', 'fortran_order': False, 'shape': (), }\n",
      new Uint8Array(4),
    );
    const members = ['__proto__', 'constructor', 'toString'].map(
      (name) => [`${name}.npy`, plain] as const,
    );
    expect(await read({ 'x.npz': buildZip(members) })).toBe('3 tensors, 0 skipped');
  });

  test('thousands of small deflated members leave no decoders behind', async () => {
    const plain = buildNpy(
      "{'descr': '<f4', 'fortran_order': False, 'shape': (), }\n",
      new Uint8Array(4),
    );
    const zip = buildZip(
      names.slice(0, 1000).map((name) => [name, plain] as const),
      {
        deflate: true,
      },
    );
    expect(await read({ 'x.npz': zip })).toBe('1000 tensors, 0 skipped');
  });
});

/** A Snappy stream of zeros: the longest copies there are. */
function snappyZeros(count: number): Uint8Array {
  const copies = new Uint8Array(3 * Math.ceil((count - 1) / 64));
  for (let place = 0, left = count - 1; left > 0; left -= 64, place += 3) {
    copies.set([((Math.min(64, left) - 1) << 2) | 2, 1, 0], place);
  }
  return concat(varint(count), Uint8Array.of(0, 0), copies);
}

const whole = new Uint8Array(0);
const shapeOf = (...sizes: number[]) => concat(...sizes.map((size) => field(2, field(1, size))));
const extent = (start: number, length: number) =>
  field(1, concat(field(1, start), field(2, length)));
const one = concat(field(1, 1), field(5, new Uint8Array(4)));
const keyOf = (index: number) => `\0${String(index).padStart(8, '0')}`;

/** A V1 checkpoint of tensors with slices along the first axis, one value each. */
function checkpoint(
  tensors: readonly { name: string; sizes: number[]; slices: readonly Uint8Array[] }[],
): Uint8Array {
  const contents = tensors.map(({ name, sizes, slices }) =>
    field(
      1,
      concat(
        field(1, name),
        field(2, shapeOf(...sizes)),
        field(3, 1),
        ...slices.map((slice) => field(4, slice)),
      ),
    ),
  );
  const records = tensors.flatMap(({ name, slices }) =>
    slices.map((slice) => field(2, concat(field(1, name), field(2, slice), field(3, one)))),
  );
  const entries = records.map((record, i): [string, Uint8Array] => [keyOf(i), record]);
  return buildTable([['', field(1, concat(...contents))], ...entries], { entriesPerBlock: 1000 });
}

describe('tables', () => {
  test('a Snappy block of millions of empty entries', async () => {
    const forged = { contents: snappyZeros(21 * 1024 * 1024), type: 1 };
    const table = buildTable([['', field(1, whole)]], { forged });
    expect(await read({ 'x.ckpt': table })).toMatch(/Error/);
  });

  test('keys that share all but their last bytes', async () => {
    const long = 'k'.repeat(4000);
    const entries = Array.from({ length: 15_000 }, (_, i): [string, Uint8Array] => [
      long + String(i).padStart(6, '0'),
      whole,
    ]);
    const contents = buildBlock([['', field(1, field(1, whole))], ...entries]);
    const table = buildTable([['', whole]], { forged: { contents, type: 0 } });
    expect(await read({ 'x.ckpt': table })).toMatch(/LimitError: keys of x.ckpt in bytes/);
  });

  test('entries without end', async () => {
    const entries = Array.from({ length: 30_000 }, (_, i): [string, Uint8Array] => [
      String(i).padStart(6, '0'),
      whole,
    ]);
    const table = buildTable([['', field(1, whole)], ...entries], { entriesPerBlock: 10_000 });
    expect(await read({ 'x.ckpt': table })).toMatch(/LimitError: number of entries/);
  });
});

describe('checkpoints', () => {
  test('one value that stands for billions', async () => {
    const tensors = Array.from({ length: 100 }, (_, i) => ({
      name: `w${i}`,
      sizes: [65_536, 65_536],
      slices: [whole],
    }));
    expect(await read({ 'x.ckpt': checkpoint(tensors) })).toMatch(
      /LimitError: bytes that repeat one value/,
    );
    const small = [{ name: 'w', sizes: [2, 3], slices: [whole] }];
    expect(await read({ 'x.ckpt': checkpoint(small) })).toBe('1 tensors, 0 skipped');
  });

  test('thousands of slices of one tensor are read', async () => {
    const slices = Array.from({ length: 2048 }, (_, i) => extent(i, 1));
    const tensor = { name: 'w', sizes: [2048], slices };
    expect(await read({ 'x.ckpt': checkpoint([tensor]) })).toBe('1 tensors, 0 skipped');
  });

  test('tens of thousands of them are too many', async () => {
    const slices = Array.from({ length: 2048 }, (_, i) => extent(i, 1));
    const tensors = Array.from({ length: 12 }, (_, i) => ({
      name: `w${i}`,
      sizes: [2048],
      slices,
    }));
    expect(await read({ 'x.ckpt': checkpoint(tensors) })).toMatch(/LimitError: number of/);
  });

  test('entries of a bundle that share their bytes', async () => {
    const data = new Uint8Array(4 * 1024 * 1024);
    const entry = concat(field(1, 1), field(2, shapeOf(data.length / 4)), field(5, data.length));
    const index = buildTable(
      [
        ['', field(1, 1)],
        ...Array.from({ length: 5000 }, (_, i): [string, Uint8Array] => [
          `w${String(i).padStart(5, '0')}`,
          entry,
        ]),
      ],
      { entriesPerBlock: 1000 },
    );
    expect(await read({ 'x.index': index, 'x.data-00000-of-00001': data })).toMatch(
      /take 20971520000 bytes, but the file has 4194304/,
    );
  });
});

describe('model.json', () => {
  const entry = { name: 'w', shape: [1], dtype: 'float32' };
  const json = (group: object, more: object = {}): Uint8Array =>
    new TextEncoder().encode(
      JSON.stringify({ format: 'layers-model', weightsManifest: [group], ...more }),
    );
  const shard = new Uint8Array(4);
  const deep = '['.repeat(100_000) + ']'.repeat(100_000);

  test('levels without end', async () => {
    const text = new TextDecoder().decode(
      json({ paths: ['w.bin'], weights: [entry] }, { modelTopology: '@' }),
    );
    const bytes = new TextEncoder().encode(text.replace('"@"', deep));
    expect(await read({ 'model.json': bytes, 'w.bin': shard })).toMatch(
      /LimitError: nesting of model.json is 100001/,
    );
  });

  test.each<[string, object, RegExp]>([
    [
      'one shard many times',
      { paths: Array(100_000).fill('w.bin'), weights: [entry] },
      /w.bin twice/,
    ],
    [
      'a weight twice',
      { paths: ['w.bin'], weights: [{ ...entry, shape: [0] }, entry] },
      /weight w twice/,
    ],
    ['values', { paths: ['w.bin'], weights: [entry], more: Array(1_000_001).fill(0) }, /values in/],
    [
      'weights',
      {
        paths: [],
        weights: Array.from({ length: 30_000 }, (_, i) => ({
          ...entry,
          name: `w${i}`,
          shape: [0],
        })),
      },
      /weights in/,
    ],
    [
      '2^31 elements',
      { paths: ['w.bin'], weights: [{ ...entry, shape: [2 ** 31] }] },
      /ends at byte/,
    ],
    [
      'more elements than numbers count',
      { paths: ['w.bin'], weights: [{ ...entry, shape: Array(30).fill(2 ** 52) }] },
      /Error/,
    ],
    [
      'a fraction',
      { paths: ['w.bin'], weights: [{ ...entry, shape: [0.5] }] },
      /has no name, shape/,
    ],
    ['1e308', { paths: ['w.bin'], weights: [{ ...entry, shape: [1e308] }] }, /has no name, shape/],
    [
      'a dtype that is a method',
      { paths: ['w.bin'], weights: [{ ...entry, dtype: 'constructor' }] },
      /0 tensors, 1 skipped/,
    ],
    [
      'a scale that is no number',
      {
        paths: ['w.bin'],
        weights: [{ ...entry, quantization: { dtype: 'uint8', min: 0, scale: 'NaN' } }],
      },
      /quantised as/,
    ],
    [
      'control characters',
      { paths: ['\x1b[2J'], weights: [entry] },
      /the shard \\x1b\[2J is missing/,
    ],
    [
      'a long path',
      { paths: [`/${'x'.repeat(1e6)}`], weights: [entry] },
      /the plain name of a file/,
    ],
    [
      'a long name',
      { paths: ['w.bin'], weights: [{ ...entry, name: 'x'.repeat(1e6) }] },
      /name of a weight/,
    ],
  ])('%s', async (_, group, message) => {
    expect(await read({ 'model.json': json(group), 'w.bin': shard })).toMatch(message);
  });
});
