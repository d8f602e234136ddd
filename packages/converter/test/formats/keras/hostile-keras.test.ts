import { describe, expect, test } from 'vitest';
import { createMemoryFolder } from '../../../src/bytes/source.ts';
import { openWeights } from '../../../src/formats/open-weights.ts';
import { buildZip } from '../../support/build-zip.ts';
import { digestChunks, readFixture } from '../../support/fixtures.ts';

/** Reads all tensors of a file; the error, or how many there were. */
async function read(name: string, bytes: Uint8Array): Promise<string> {
  try {
    const file = await openWeights(createMemoryFolder(new Map([[name, bytes]])), name);
    for (const tensor of file.tensors) await digestChunks(tensor.chunks());
    return `${file.tensors.length} tensors`;
  } catch (error) {
    return String(error);
  }
}

/** Places where bytes of four letters, or these numbers, stand. */
function find(bytes: Uint8Array, pattern: string | readonly number[]): number[] {
  const wanted = typeof pattern === 'string' ? [...pattern].map((c) => c.charCodeAt(0)) : pattern;
  const found: number[] = [];
  for (let at = bytes.indexOf(wanted[0]!); at >= 0; at = bytes.indexOf(wanted[0]!, at + 1)) {
    if (wanted.every((byte, index) => bytes[at + index] === byte)) found.push(at);
  }
  return found;
}

function patched(name: string, change: (view: DataView, bytes: Uint8Array) => void): Uint8Array {
  const bytes = readFixture(`keras/${name}`);
  change(new DataView(bytes.buffer), bytes);
  return bytes;
}

/** The address of the root group's header in a superblock of version 0. */
const ROOT = 64;

/** A chunked layout of version 3: rank 3 and an address, then the chunk of a matrix. */
const layoutsOf = (bytes: Uint8Array): number[] => find(bytes, [3, 2, 3]);

describe('HDF5 files that lead in circles or claim too much', () => {
  test.each<[string, Uint8Array, RegExp]>([
    [
      'a list of names that contains itself',
      patched('keras1.h5', (view, bytes) => {
        const [tree] = find(bytes, 'TREE');
        view.setUint8(tree! + 5, 1);
        view.setUint16(tree! + 6, 1, true);
        view.setBigUint64(tree! + 24 + 8, BigInt(tree!), true);
      }),
      /FormatError: HDF5: x\.h5: a list of names leads back to itself/,
    ],
    [
      'a header that continues in itself',
      patched('keras1.h5', (view) => {
        const first = Number(view.getBigUint64(ROOT, true)) + 16;
        view.setUint16(first, 0x10, true);
        view.setBigUint64(first + 8, BigInt(first), true);
        view.setBigUint64(first + 16, 24n, true);
      }),
      /FormatError: HDF5: x\.h5: a header continues in itself/,
    ],
    [
      'a group that contains the root',
      patched('keras1.h5', (view, bytes) => {
        const [leaf] = find(bytes, 'SNOD');
        view.setBigUint64(leaf! + 8 + 8, view.getBigUint64(ROOT, true), true);
      }),
      /FormatError: HDF5: .*: the same group or data set has two paths/,
    ],
    [
      'a chunk of 2^64 bytes',
      patched('sequential.packed.h5', (view, bytes) => {
        for (const at of layoutsOf(bytes)) {
          view.setUint32(at + 11, 0xffffffff, true);
          view.setUint32(at + 15, 0xffffffff, true);
        }
      }),
      /LimitError: x\.h5: chunk of .* in bytes is \d+, more than the limit of 67108864/,
    ],
    [
      'a chunk of no bytes',
      patched('sequential.packed.h5', (view, bytes) => {
        for (const at of layoutsOf(bytes)) view.setUint32(at + 11, 0, true);
      }),
      /FormatError: HDF5: .*: chunks of \[0, /,
    ],
    [
      'chunks that unpack to more than they should',
      patched('sequential.packed.h5', (view, bytes) => {
        for (const at of layoutsOf(bytes)) view.setUint32(at + 11, 1, true);
      }),
      /FormatError: HDF5: .*: a chunk (unpacks to more|at .* was never written|has \d+ bytes)/,
    ],
    [
      'a shape of 2^40 numbers',
      patched('keras1.h5', (view, bytes) => {
        // A simple shape of two axes, as the kernel of the dense layer has it.
        for (const at of find(bytes, [1, 2, 1, 0, 0, 0, 0, 0])) {
          view.setBigUint64(at + 8, 2n ** 40n, true);
          view.setBigUint64(at + 24, 2n ** 40n, true);
        }
      }),
      /LimitError: x\.h5: size of .*dense_1_W:0 \[1099511627776, 4\] in bytes/,
    ],
    [
      'the beginning of a file',
      readFixture('keras/keras1.h5').slice(0, 9000),
      /FormatError: HDF5: x\.h5 says that it has \d+ bytes, found 9000; the file is truncated/,
    ],
    [
      'magic alone',
      readFixture('keras/keras1.h5').slice(0, 8),
      /FormatError: HDF5: x\.h5: expected 1 more bytes, found 0/,
    ],
    [
      'a configuration that is no JSON',
      patched('keras1.h5', (view, bytes) => view.setUint8(find(bytes, '{"class_name"')[0]!, 0x5b)),
      /FormatError: Keras: model_config of x\.h5: expected JSON, found something else/,
    ],
  ])('%s', async (_, bytes, message) => {
    expect(await read('x.h5', bytes)).toMatch(message);
  });
});

describe('damaged files', () => {
  // 60 bytes at places of a fixed sequence (Numerical Recipes) become others.
  function damaged(name: string, seed: number): Uint8Array {
    const bytes = readFixture(`keras/${name}`);
    let state = seed;
    const next = (): number => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0);
    for (let i = 0; i < 60; i++) bytes[64 + (next() % (bytes.length - 64))] = next() >>> 24;
    return bytes;
  }

  test.each(['sequential.h5', 'sequential.packed.h5', 'nested.keras', 'alone.weights.h5'])(
    'each error of %s names the file that was given',
    async (name) => {
      const given = `given.${name.split('.').slice(1).join('.')}`;
      const said = new Set<string>();
      for (let seed = 1; seed <= 60; seed++) said.add(await read(given, damaged(name, seed)));
      const faults = [...said].filter((one) => !one.endsWith(' tensors'));
      expect(faults.length).toBeGreaterThan(10);
      expect(faults.filter((one) => !one.includes(given))).toEqual([]);
    },
  );
});

describe('archives that are none of Keras, or claim too much', () => {
  const text = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
  const config = text({ class_name: 'Sequential', config: { name: 'net', layers: [] } });
  const chain = (...layers: object[]): Uint8Array =>
    text({ class_name: 'Sequential', config: { name: 'net', layers } });
  const weights = readFixture('keras/alone.weights.h5');
  const pack = (settings: Uint8Array, file: Uint8Array, deflate = false): Uint8Array =>
    buildZip(
      [
        ['config.json', settings],
        ['model.weights.h5', file],
      ],
      { deflate },
    );

  test.each<[string, Uint8Array, RegExp]>([
    [
      'a bomb',
      pack(config, new Uint8Array(20_000_000), true),
      /LimitError: x\.keras: inflation of model\.weights\.h5 \(a bomb\?\) is \d+, more than the limit of 200/,
    ],
    [
      'weights that are no HDF5',
      pack(config, new Uint8Array(5000).fill(7)),
      /FormatError: HDF5: model\.weights\.h5 in x\.keras: expected HDF5, found other bytes/,
    ],
    [
      'damaged weights, which the checksum of the zip shows',
      (() => {
        const bytes = pack(config, weights);
        bytes[bytes.length >> 1]! ^= 1;
        return bytes;
      })(),
      /ChecksumError: model\.weights\.h5 in x\.keras: crc32 is/,
    ],
    [
      'a deep configuration',
      pack(new TextEncoder().encode('['.repeat(1000)), weights),
      /LimitError: nesting of config\.json of x\.keras is 1000, more than the limit of 500/,
    ],
    [
      'a model class of its own',
      pack(text({ class_name: 'Mine', config: { units: 3 } }), weights),
      /UnsupportedError: x\.keras holds a model of the class Mine, whose layers stand in Python code/,
    ],
    [
      'a layer class of its own, with weights',
      pack(chain({ class_name: 'Conv2d', config: { name: 'conv2d' } }), weights),
      /UnsupportedError: x\.keras: the weights of layer conv2d \(class Conv2d\) have numbers and no names/,
    ],
    [
      'a layer without its weights',
      pack(chain({ class_name: 'Dense', config: { name: 'd', use_bias: true } }), weights),
      /FormatError: Keras: x\.keras: layers\/dense holds the weights of the layer dense, expected those of d/,
    ],
    [
      'a layer with fewer weights than it needs',
      pack(chain({ class_name: 'Conv2D', config: { name: 'conv2d', use_bias: true } }), weights),
      /FormatError: Keras: x\.keras: layer conv2d: expected kernel, bias in layers\/conv2d\/vars, found 1 weights/,
    ],
  ])('%s', async (_, bytes, message) => {
    expect(await read('x.keras', bytes)).toMatch(message);
  });

  test('what another program has compressed is read too', async () => {
    const settings = chain({ class_name: 'Conv2D', config: { name: 'conv2d', use_bias: false } });
    expect(await read('x.keras', pack(settings, weights, true))).toBe('1 tensors');
  });
});
