// @ts-check
import { concat, encodeVarint, latin1, utf8 } from '../bytes.mjs';
import { buildNpy } from '../formats/npy.mjs';
import { buildProgram } from '../formats/pickle.mjs';
import { packEntries } from '../formats/table.mjs';
import { buildZip } from '../formats/zip.mjs';
import { createRandom } from '../random.mjs';

/** @typedef {import('../target.mjs').Input} Input */

const PICKLE_HEADER = "{'descr': '|O', 'fortran_order': False, 'shape': (), }\n";
const PROGRAMS = 12;

/**
 * @param {string} open
 * @param {Uint8Array} bytes
 * @returns {Input}
 */
function seedOf(open, bytes) {
  return { name: `made ${open}`, open, files: { [open]: bytes } };
}

/**
 * @param {string} descr
 * @param {string} shape
 * @param {number} bytes
 */
function plainNpy(descr, shape, bytes) {
  const header = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape}), }`;
  return buildNpy(`${header.padEnd(117)}\n`, createRandom(bytes).bytes(bytes));
}

/** Arrays of ranks and types that the fixtures do not have. */
export function makeNpySeeds() {
  return [
    seedOf('rank5.npy', plainNpy('<f4', '1, 2, 1, 3, 2', 48)),
    seedOf('text.npy', plainNpy('<U3', '2,', 24)),
    seedOf('time.npy', plainNpy('<M8[D]', '2,', 16)),
    seedOf('large.npy', plainNpy('<f4', '64, 64', 16384)),
  ];
}

/** A dict of numbers, texts and lists, and programs of random opcodes. */
export function makePickleSeeds() {
  const dict = latin1('}q\0(X\x01\0\0\0aK\x01X\x01\0\0\0b](G?\xf0\0\0\0\0\0\0NK\x02\x86eu.');
  const made = [seedOf('dict.npy', buildNpy(PICKLE_HEADER, concat(latin1('\x80\x02'), dict)))];
  for (let i = 0; i < PROGRAMS; i++) {
    const program = concat(
      latin1('\x80\x04'),
      buildProgram(createRandom(i), 10 + 30 * i),
      latin1('.'),
    );
    made.push(seedOf(`program${i}.npy`, buildNpy(PICKLE_HEADER, program)));
  }
  return made;
}

/** Archives with stored, deflated and streamed members, some of them texts. */
export function makeZipSeeds() {
  const array = plainNpy('<f4', '2, 3', 24);
  const text = plainNpy('<U3', '2,', 24);
  const many = Array.from({ length: 40 }, (_, i) => ({
    name: `w${i}.npy`,
    bytes: array,
    extra: 8 * (i % 2),
  }));
  return [
    seedOf('many.npz', buildZip(many)),
    seedOf(
      'mixed.npz',
      buildZip([
        { name: 'a.npy', bytes: array, extra: 8 },
        { name: 'names.npy', bytes: text, extra: 0 },
      ]),
    ),
    seedOf('streamed.npz', buildZip([{ name: 'folder/a.npy', bytes: array, extra: 8 }], true)),
  ];
}

/**
 * A protobuf field: a number, or bytes.
 *
 * @param {number} number
 * @param {number | string | Uint8Array} value
 */
function field(number, value) {
  if (typeof value === 'number') return concat(encodeVarint(number * 8), encodeVarint(value));
  const bytes = typeof value === 'string' ? utf8(value) : value;
  return concat(encodeVarint(number * 8 + 2), encodeVarint(bytes.length), bytes);
}

/** V1 checkpoints of a few tensors: whole and in slices, uncompressed and in Snappy blocks. */
export function makeTableSeeds() {
  const floats = new Uint8Array(Float32Array.of(1, 2, 3, 4, 5, 6).buffer);
  const shape = concat(field(2, field(1, 2)), field(2, field(1, 3)));
  const whole = concat(field(1, new Uint8Array(0)), field(1, new Uint8Array(0)));
  /** @param {number} row one of two */
  const rowOf = (row) =>
    concat(
      field(1, row === 0 ? field(2, 1) : concat(field(1, 1), field(2, 1))),
      field(1, new Uint8Array(0)),
    );
  const slices = [rowOf(0), rowOf(1)];
  /** @param {string} name @param {Uint8Array[]} parts */
  const meta = (name, parts) =>
    field(
      1,
      concat(field(1, name), field(2, shape), field(3, 1), ...parts.map((part) => field(4, part))),
    );
  /** @param {string} name @param {Uint8Array} slice @param {Uint8Array} values */
  const record = (name, slice, values) =>
    field(2, concat(field(1, name), field(2, slice), field(3, field(5, values))));
  const entries = [
    { key: latin1(''), value: field(1, concat(meta('x', [whole]), meta('y', slices))) },
    { key: latin1('x'), value: record('x', whole, floats) },
    { key: latin1('y0'), value: record('y', slices[0], floats.slice(0, 12)) },
    { key: latin1('y1'), value: record('y', slices[1], floats.slice(12)) },
  ];
  return [
    seedOf('plain.ckpt', packEntries(entries, { perBlock: 1, snappy: false })),
    seedOf('one-block.ckpt', packEntries(entries, { perBlock: 100, snappy: false })),
    seedOf('snappy.ckpt', packEntries(entries, { perBlock: 2, snappy: true })),
  ];
}
