// @ts-check
import { latin1 } from '../bytes.mjs';
import { mutateBytes } from '../mutate/bytes.mjs';
import { fieldMutation } from '../mutate/fields.mjs';

/** The signatures of HDF5's structures. Spec: HDF5 File Format Specification 3.0, sections III and IV. */
const SIGNATURES = ['TREE', 'SNOD', 'HEAP', 'GCOL', 'OHDR', 'OCHK', 'FRHP', 'FHDB', 'BTHD', 'BTLF'];

/** Bytes of the numbers that follow a signature and are mutated. */
const HEAD_BYTES = 32;

/** Bytes of a header message whose numbers are mutated: dimensions, sizes of types and chunks, filters. */
const MESSAGE_BYTES = 48;

/** Most messages of a header that are listed, so that a damaged length does not list the whole file. */
const MAX_MESSAGES = 64;

/** The shortest text that is taken for a configuration. */
const TEXT_BYTES = 64;

/** Numbers that an address or a size may be: nothing, HDF5's "undefined", and sizes that nobody has. */
const EDGES = [0, 1, 8, 2 ** 31, 2 ** 32, 2 ** 53];

/**
 * The layout of an HDF5 file, without following it: a mutated file is dissected too. Fields are the
 * superblock, the numbers after each signature, the messages of each header, and every word that is the
 * address of a structure. Such a word becomes the address of another one, which makes trees, headers and
 * groups that lead back to themselves, and data sets that share bytes.
 *
 * @param {Uint8Array} bytes
 * @returns {import('../mutate/fields.mjs').Layout}
 */
export function dissectHdf5(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const signed = SIGNATURES.flatMap((name) => findAll(bytes, latin1(name)));
  const headers = findHeaders(bytes, view);
  const places = new Set([...signed, ...headers]);
  const choices = [...places, ...EDGES];
  /** @type {import('../mutate/fields.mjs').Layout} */
  const layout = { fields: [], sections: [] };
  const { fields, sections } = layout;
  for (let at = 8; at < 16; at++) fields.push({ at, size: 1, kind: 'little' });
  for (let at = 16; at + 8 <= bytes.length; at += 8) {
    const isAddress = view.getUint32(at + 4, true) === 0 && places.has(view.getUint32(at, true));
    if (isAddress) fields.push({ at, size: 8, kind: 'little', choices });
  }
  for (const at of signed) {
    for (const place of [4, 5]) fields.push({ at: at + place, size: 1, kind: 'little' });
    fields.push({ at: at + 6, size: 2, kind: 'little' });
    for (let place = 8; place < HEAD_BYTES; place += 8) {
      fields.push({ at: at + place, size: 8, kind: 'little', choices });
    }
    sections.push({ at, size: 64 });
  }
  for (const header of headers) {
    fields.push({ at: header + 2, size: 2, kind: 'little' });
    fields.push({ at: header + 8, size: 4, kind: 'little' });
    listMessages(header, view, layout, choices);
  }
  for (const at of findAll(bytes, latin1('{"'))) {
    const end = endOfText(bytes, at);
    if (end - at >= TEXT_BYTES) fields.push({ at, size: end - at, kind: 'fixed' });
  }
  const isInside = (/** @type {{ at: number, size: number }} */ { at, size }) =>
    at >= 0 && size > 0 && at + size <= bytes.length;
  return { fields: fields.filter(isInside), sections: sections.filter(isInside) };
}

/**
 * Headers of version 1, which have no signature: words that are addresses of a byte 1, a zero, and a
 * plausible number of messages.
 *
 * @param {Uint8Array} bytes
 * @param {DataView} view
 * @returns {Set<number>}
 */
function findHeaders(bytes, view) {
  const found = new Set();
  for (let at = 16; at + 8 <= bytes.length; at += 8) {
    const address = view.getUint32(at, true);
    if (view.getUint32(at + 4, true) !== 0 || address < 48 || address + 16 > bytes.length) continue;
    const count = view.getUint16(address + 2, true);
    const isHeader = bytes[address] === 1 && bytes[address + 1] === 0;
    if (isHeader && count > 0 && count <= MAX_MESSAGES && address % 8 === 0) found.add(address);
  }
  return found;
}

/**
 * @param {number} header
 * @param {DataView} view
 * @param {import('../mutate/fields.mjs').Layout} layout
 * @param {readonly number[]} choices
 */
function listMessages(header, view, { fields, sections }, choices) {
  const count = Math.min(MAX_MESSAGES, view.getUint16(header + 2, true));
  let at = header + 16;
  for (let message = 0; message < count && at + 8 <= view.byteLength; message++) {
    const size = view.getUint16(at + 2, true);
    fields.push({ at, size: 2, kind: 'little', choices: [0, 1, 3, 6, 8, 11, 12, 16, 17, 21] });
    fields.push({ at: at + 2, size: 2, kind: 'little' });
    fields.push({ at: at + 4, size: 1, kind: 'little' });
    const data = at + 8;
    const end = Math.min(size, MESSAGE_BYTES);
    for (let place = 0; place < Math.min(8, end); place++) {
      fields.push({ at: data + place, size: 1, kind: 'little' });
    }
    for (let place = 0; place + 4 <= end; place += 4) {
      fields.push({ at: data + place, size: 4, kind: 'little' });
    }
    for (let place = 8; place + 8 <= end; place += 8) {
      fields.push({ at: data + place, size: 8, kind: 'little', choices });
    }
    sections.push({ at, size: 8 + size });
    at = data + size;
  }
}

/** @param {Uint8Array} bytes @param {Uint8Array} wanted */
function findAll(bytes, wanted) {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const found = [];
  for (let at = buffer.indexOf(wanted); at >= 0; at = buffer.indexOf(wanted, at + 1))
    found.push(at);
  return found;
}

/** @param {Uint8Array} bytes @param {number} start */
function endOfText(bytes, start) {
  let end = start;
  while (end < bytes.length && bytes[end] >= 0x20 && bytes[end] < 0x7f) end++;
  return end;
}

/** @type {readonly import('../mutate/bytes.mjs').Mutation[]} */
export const hdf5Mutations = [
  fieldMutation(dissectHdf5),
  fieldMutation(dissectHdf5),
  fieldMutation(dissectHdf5),
  mutateBytes,
];
