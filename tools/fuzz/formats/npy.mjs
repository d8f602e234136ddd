// @ts-check
import { concat, encodeUint, latin1, toLatin1 } from '../bytes.mjs';
import { mutateBytes } from '../mutate/bytes.mjs';
import { containerMutation } from '../mutate/container.mjs';
import { fieldMutation } from '../mutate/fields.mjs';
import { NUMBERS } from '../mutate/integers.mjs';
import { mutateText } from '../mutate/text.mjs';

const MAGIC = latin1('\x93NUMPY');
const DESCRS = [
  '<f4',
  '>f4',
  '|f4',
  '=f4',
  '<f2',
  '<f8',
  '>f8',
  '<f16',
  '<i1',
  '|i1',
  '|u1',
  '<u2',
  '>i8',
  '<u8',
  '|b1',
  '<c8',
  '<c16',
  '|O',
  '<U3',
  '|S5',
  '<M8[D]',
  '|V8',
  '<f5',
  'f',
  '<f-4',
  '<f99999999999',
];

/**
 * Builds a `.npy` file from the text of its header and its data.
 *
 * @param {string} header
 * @param {Uint8Array} data
 * @param {number} [version]
 */
export function buildNpy(header, data, version = 1) {
  const text = latin1(header);
  const length = encodeUint(text.length, version === 1 ? 2 : 4, true);
  return concat(MAGIC, Uint8Array.of(version, 0), length, text, data);
}

/** @type {import('../mutate/container.mjs').Container} */
const parts = {
  unpack(bytes) {
    const version = bytes[6];
    const start = version === 1 ? 10 : 12;
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const end = start + (version === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
    if (end > bytes.length) throw new RangeError('header');
    return [
      { name: '', bytes: bytes.slice(start, end), extra: version },
      { name: '', bytes: bytes.slice(end) },
    ];
  },
  pack: ([header, ...data]) =>
    buildNpy(
      toLatin1(header.bytes),
      concat(...data.map(({ bytes }) => bytes)),
      Number(header.extra) || 1,
    ),
};

/** @type {import('../mutate/bytes.mjs').Mutation} */
function mutateHeader(bytes, random, peers) {
  const text = toLatin1(bytes);
  switch (random.below(4)) {
    case 0:
      return latin1(text.replace(/'descr': *'[^']*'/, `'descr': '${random.pick(DESCRS)}'`));
    case 1:
      return latin1(text.replace(/'shape': *\([^)]*\)/, `'shape': (${randomShape(random)})`));
    case 2:
      return latin1(text.replace(/True|False/, (word) => (word === 'True' ? 'False' : 'True')));
    default:
      return mutateText(bytes, random, peers);
  }
}

/** @param {import('../random.mjs').Random} random */
function randomShape(random) {
  const sizes = Array.from({ length: random.below(random.chance(0.1) ? 40 : 5) }, () =>
    random.chance(0.7) ? random.below(8) : random.pick(NUMBERS),
  );
  return sizes.map((size) => `${size}, `).join('');
}

/**
 * Mutations of a `.npy`.
 *
 * @param {readonly import('../mutate/bytes.mjs').Mutation[]} ofData mutations of the data after the header
 */
export function npyMutations(ofData) {
  return [
    containerMutation(parts, (part) => (part.extra === undefined ? ofData : [mutateHeader])),
    fieldMutation((bytes) => ({
      fields: [
        { at: 6, size: 1, kind: 'big', choices: [0, 1, 2, 3, 4] },
        { at: 7, size: 1, kind: 'big' },
        { at: 8, size: bytes[6] === 1 ? 2 : 4, kind: 'little' },
      ],
      sections: [],
    })),
    mutateBytes,
  ];
}
