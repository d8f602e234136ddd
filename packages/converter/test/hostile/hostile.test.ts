import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createMemoryFolder } from '../../src/bytes/source.ts';
import { isConverterError } from '../../src/errors.ts';
import { openWeights } from '../../src/formats/open-weights.ts';
import { readFloat32Chunks } from '../../src/tensors/to-float32.ts';
import { buildNpy, buildPickledNpy } from '../support/build-npy.ts';
import { buildTable, concat, field } from '../support/build-table.ts';
import { buildZip } from '../support/build-zip.ts';
import { digestChunks, readFixture } from '../support/fixtures.ts';
import { createRandom, mutate } from './mutate.ts';

/**
 * Damaged files end in an error of ours or in tensors, soon and in little memory; truncated ones never
 * in other tensors than the whole file's. `GRADCAM_MUTATIONS` sets the number of mutants per reader;
 * from 10,000 on, larger files are truncated at every byte too.
 */
const MUTATIONS = Number(process.env['GRADCAM_MUTATIONS'] ?? 100);
const EVERY_BYTE = MUTATIONS >= 10_000;
const TIMEOUT_MS = 600_000;
const MAX_MS = 1000;
const MAX_MEMORY_BYTES = 200 * 1024 * 1024;

/** A small file of a format: the part that is damaged, and how the whole is made of it. */
interface Target {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** File to open, and the files beside it. */
  wrap(bytes: Uint8Array): { open: string; files: Map<string, Uint8Array> };
  /** Truncation is tried at every so many bytes. */
  readonly step?: number;
}

function single(file: string, step = 1): Target {
  const name = file.split('/').at(-1)!;
  return {
    name: file,
    bytes: readFixture(file),
    wrap: (bytes) => ({ open: name, files: new Map([[name, bytes]]) }),
    step,
  };
}

/** A bundle of which one part is damaged. */
function bundlePart(part: 'index' | 'data-00000-of-00001'): Target {
  const name = 'all_dtypes.bundle';
  const parts = ['index', 'data-00000-of-00001'] as const;
  return {
    name: `${name}.${part}`,
    bytes: readFixture(`dtypes/${name}.${part}`),
    wrap(bytes) {
      const files = parts.map((other): [string, Uint8Array] => [
        `${name}.${other}`,
        other === part ? bytes : readFixture(`dtypes/${name}.${other}`),
      ]);
      return { open: name, files: new Map(files) };
    },
  };
}

const floats = new Uint8Array(Float32Array.of(1, 2, 3, 4, 5, 6).buffer);
const shape = concat(field(2, field(1, 2)), field(2, field(1, 3)));
const whole = concat(field(1, new Uint8Array(0)), field(1, new Uint8Array(0)));
const contents = field(
  1,
  field(1, concat(field(1, 'x'), field(2, shape), field(3, 1), field(4, whole))),
);
const record = field(2, concat(field(1, 'x'), field(2, whole), field(3, field(5, floats))));

/** Messages of a table whose checksums are made right again: damage reaches the reader. */
function message(
  name: string,
  bytes: Uint8Array,
  build: (bytes: Uint8Array) => Uint8Array,
): Target {
  return {
    name,
    bytes,
    wrap: (damaged) => ({ open: 'x.ckpt', files: new Map([['x.ckpt', build(damaged)]]) }),
  };
}

const bundleEntry = concat(field(1, 1), field(2, shape), field(5, 24));
const modelJson = new TextEncoder().encode(
  JSON.stringify({
    format: 'layers-model',
    modelTopology: null,
    weightsManifest: [
      {
        paths: ['w.bin'],
        weights: [
          { name: 'a', shape: [2, 3], dtype: 'float32' },
          {
            name: 'b',
            shape: [4],
            dtype: 'float32',
            quantization: { dtype: 'uint8', min: 0, scale: 1 },
          },
        ],
      },
    ],
  }),
);

/** Class names, a date and objects beside an array, as `np.savez` writes them. */
function textBesideWeights(deflate: boolean): Uint8Array {
  const header = (descr: string): string =>
    `{'descr': '${descr}', 'fortran_order': False, 'shape': (2,), }\n`;
  return buildZip(
    [
      ['names.npy', buildNpy(header('<U3'), new Uint8Array(24))],
      ['when.npy', buildNpy(header('<M8[D]'), new Uint8Array(16))],
      ['w.npy', buildNpy(header('<f4'), floats.slice(0, 8))],
      ['objects.npy', readFixture('npy/pickled_numpy2_protocol5.npy')],
    ],
    { deflate },
  );
}

const TARGETS: readonly Target[] = [
  single('dtypes/all_dtypes.ckpt'),
  bundlePart('index'),
  bundlePart('data-00000-of-00001'),
  single('npy/numeric_f4_fortran.npy'),
  single('npy/numeric_f4_version3.npy'),
  single('npy/pickled_python2_lists.npy', 13),
  single('npy/pickled_numpy1_protocol0.npy', 13),
  single('npy/pickled_numpy1_protocol2.npy', 13),
  single('npy/pickled_numpy2_save.npy', 13),
  single('npy/compressed.npz', 13),
  single('npy/stored.npz', 13),
  single('keras/keras1.h5', 997),
  single('keras/keras1.latest.h5', 997),
  single('keras/sequential.packed.h5', 2003),
  single('keras/sequential.keras', 2003),
  ...[false, true].map((deflate) => ({
    name: `.npz with text beside weights${deflate ? ', deflated' : ''}`,
    bytes: textBesideWeights(deflate),
    wrap: (bytes: Uint8Array) => ({ open: 'x.npz', files: new Map([['x.npz', bytes]]) }),
    step: 13,
  })),
  message('V1 table of contents', contents, (bytes) =>
    buildTable([
      ['', bytes],
      ['x', record],
    ]),
  ),
  message('V1 record', record, (bytes) =>
    buildTable([
      ['', contents],
      ['x', bytes],
    ]),
  ),
  message('V1 in Snappy blocks', record, (bytes) =>
    buildTable(
      [
        ['', contents],
        ['x', bytes],
      ],
      { snappy: true },
    ),
  ),
  message('a block of a table', concat(contents, record), (bytes) =>
    buildTable([['', contents]], { forged: { contents: bytes, type: 0 } }),
  ),
  message('a Snappy block', concat(contents, record), (bytes) =>
    buildTable([['', contents]], { forged: { contents: bytes, type: 1 } }),
  ),
  message('V2 header and entry', concat(field(1, 1), bundleEntry), (bytes) =>
    buildTable([
      ['', bytes.slice(0, 2)],
      ['x', bytes.slice(2)],
    ]),
  ),
  {
    name: 'tfjs model.json',
    bytes: modelJson,
    wrap: (bytes) => ({
      open: 'model.json',
      files: new Map([
        ['model.json', bytes],
        ['w.bin', new Uint8Array(28)],
      ]),
    }),
  },
  {
    name: 'pickle opcodes',
    bytes: readFixture('npy/pickled_python2_lists.npy').slice(80, 700),
    wrap: (bytes) => ({ open: 'x.npy', files: new Map([['x.npy', buildPickledNpy(bytes)]]) }),
  },
];

/** Digests of all tensors as float32, or undefined for a refusal in our own words. */
async function readAll(target: Target, bytes: Uint8Array): Promise<string | undefined> {
  const { open, files } = target.wrap(bytes);
  try {
    const { tensors } = await openWeights(createMemoryFolder(files), open);
    const digest = createHash('sha256');
    for (const tensor of tensors) {
      digest.update(tensor.name);
      const real = !/^(complex|q)/.test(tensor.dtype);
      digest.update(await digestChunks(real ? readFloat32Chunks(tensor) : tensor.chunks()));
    }
    return digest.digest('hex');
  } catch (error) {
    // One line, and nothing that moves a cursor.
    if (isConverterError(error) && !/[\0-\x1f\x7f-\x9f]/.test(error.message)) return undefined;
    throw error;
  }
}

describe.each(TARGETS)('$name', (target) => {
  test(
    'truncated anywhere is refused, or still whole',
    async () => {
      const expected = await readAll(target, target.bytes);
      for (
        let length = 0;
        length < target.bytes.length;
        length += EVERY_BYTE ? 1 : (target.step ?? 1)
      ) {
        const found = await readAll(target, target.bytes.slice(0, length));
        // Parts of protobuf messages are messages; there checksums decide, and they are right here.
        const isMessage = target.name.startsWith('V') || target.name.startsWith('a ');
        if (!isMessage && found !== undefined) expect(found, `${length} bytes`).toBe(expected);
      }
    },
    TIMEOUT_MS,
  );

  test(
    `${MUTATIONS} mutants are refused or read, soon and in little memory`,
    async () => {
      const random = createRandom(20_160_828);
      const before = process.memoryUsage().rss;
      let slowest = 0;
      for (let count = 0; count < MUTATIONS; count++) {
        const mutant = mutate(target.bytes, random);
        const start = performance.now();
        await readAll(target, mutant);
        slowest = Math.max(slowest, performance.now() - start);
      }
      expect(slowest).toBeLessThan(MAX_MS);
      expect(process.memoryUsage().rss - before).toBeLessThan(MAX_MEMORY_BYTES);
    },
    TIMEOUT_MS,
  );
});
