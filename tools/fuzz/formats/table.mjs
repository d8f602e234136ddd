// @ts-check
import { maskedCrc32c } from '../checksums.mjs';
import { concat, decodeVarint, encodeUint, encodeVarint, latin1, toLatin1 } from '../bytes.mjs';
import { compressSnappy, decompressSnappy } from './snappy.mjs';

/**
 * TensorFlow's tables (LevelDB's): blocks of entries, an index block, a footer.
 * Spec: leveldb/doc/table_format.md.
 *
 * @typedef {{ key: Uint8Array, value: Uint8Array }} Entry
 * @typedef {{ offset: number, size: number }} Handle
 */

const FOOTER_BYTES = 48;
const MAGIC = Uint8Array.of(0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb);
/** Bytes of the type and the checksum after each block. */
const TRAILER_BYTES = 5;

/**
 * Builds the contents of a block. Each key shares its beginning with the key before it, except every
 * `interval`th key, which is stored whole.
 *
 * @param {readonly Entry[]} entries
 * @param {number} interval
 */
export function buildBlock(entries, interval) {
  const parts = [];
  const restarts = [];
  let offset = 0;
  /** @type {Uint8Array} */
  let previous = new Uint8Array(0);
  for (const [i, { key, value }] of entries.entries()) {
    let shared = 0;
    if (i % interval === 0) restarts.push(encodeUint(offset, 4, true));
    else while (shared < previous.length && previous[shared] === key[shared]) shared++;
    const part = concat(
      encodeVarint(shared),
      encodeVarint(key.length - shared),
      encodeVarint(value.length),
      key.subarray(shared),
      value,
    );
    parts.push(part);
    offset += part.length;
    previous = key;
  }
  if (restarts.length === 0) restarts.push(encodeUint(0, 4, true));
  return concat(...parts, ...restarts, encodeUint(restarts.length, 4, true));
}

/**
 * Reads the entries of a block and the positions of its numbers.
 *
 * @param {Uint8Array} contents
 * @returns {{ entries: Entry[], layout: import('../mutate/fields.mjs').Layout }}
 */
export function readBlock(contents) {
  const view = new DataView(contents.buffer, contents.byteOffset, contents.length);
  const count = view.getUint32(contents.length - 4, true);
  const end = contents.length - 4 - 4 * count;
  /** @type {import('../mutate/fields.mjs').Layout} */
  const layout = { fields: [{ at: contents.length - 4, size: 4, kind: 'little' }], sections: [] };
  for (let i = 0; i < Math.min(count, 4); i++)
    layout.fields.push({ at: end + 4 * i, size: 4, kind: 'little' });
  const entries = [];
  let previous = new Uint8Array(0);
  for (let at = 0; at < end;) {
    const start = at;
    const numbers = [];
    for (let i = 0; i < 3; i++) {
      const { value, end: after } = decodeVarint(contents, at);
      layout.fields.push({ at, size: after - at, kind: 'varint' });
      numbers.push(Number(value));
      at = after;
    }
    const [shared, own, length] = numbers;
    if (shared > previous.length || at + own + length > end) throw new RangeError('entry');
    const key = concat(previous.subarray(0, shared), contents.subarray(at, at + own));
    entries.push({ key, value: contents.slice(at + own, at + own + length) });
    at += own + length;
    layout.sections.push({ at: start, size: at - start });
    previous = key;
  }
  return { entries, layout };
}

/**
 * Builds a table from blocks in the form in which they are stored, with correct checksums and handles.
 *
 * @param {readonly { stored: Uint8Array, type: number, lastKey: Uint8Array }[]} blocks
 */
export function buildTable(blocks) {
  /** @type {Uint8Array[]} */
  const parts = [];
  let offset = 0;
  /**
   * @param {Uint8Array} stored
   * @param {number} type
   */
  const put = (stored, type) => {
    const typed = concat(stored, Uint8Array.of(type));
    parts.push(typed, encodeUint(maskedCrc32c(typed), 4, true));
    const handle = concat(encodeVarint(offset), encodeVarint(stored.length));
    offset += stored.length + TRAILER_BYTES;
    return handle;
  };
  const index = blocks.map(({ stored, type, lastKey }) => ({
    key: lastKey,
    value: put(stored, type),
  }));
  const metaindex = put(buildBlock([], 1), 0);
  const footer = new Uint8Array(FOOTER_BYTES);
  footer.set(concat(metaindex, put(buildBlock(index, 1), 0)));
  footer.set(MAGIC, FOOTER_BYTES - MAGIC.length);
  return concat(...parts, footer);
}

/**
 * @param {Uint8Array} table
 * @param {number} at
 * @returns {Handle & { end: number }}
 */
function readHandle(table, at) {
  const offset = decodeVarint(table, at);
  const size = decodeVarint(table, offset.end);
  return { offset: Number(offset.value), size: Number(size.value), end: size.end };
}

/**
 * Reads the data blocks of a table, in order, and its index block.
 *
 * @param {Uint8Array} table
 */
export function readTable(table) {
  const meta = readHandle(table, table.length - FOOTER_BYTES);
  const index = readHandle(table, meta.end);
  const { entries } = readBlock(table.slice(index.offset, index.offset + index.size));
  const blocks = entries.map(({ key, value }) => {
    const { offset, size } = readHandle(value, 0);
    if (offset + size + TRAILER_BYTES > table.length) throw new RangeError('block');
    return {
      offset,
      size,
      lastKey: key,
      stored: table.slice(offset, offset + size),
      type: table[offset + size],
    };
  });
  return { blocks, index, meta };
}

/** @param {{ stored: Uint8Array, type: number }} block */
export function readStored({ stored, type }) {
  return type === 1 ? decompressSnappy(stored) : stored;
}

/**
 * Entries as parts of a container.
 *
 * @type {import('../mutate/container.mjs').Container}
 */
export const tableEntries = {
  unpack: (bytes) =>
    readTable(bytes).blocks.flatMap((block) =>
      readBlock(readStored(block)).entries.map(({ key, value }) => ({
        name: toLatin1(key),
        bytes: value,
      })),
    ),
  pack(parts, random) {
    const sorted = random.chance(0.9)
      ? [...parts].sort((a, b) => (a.name < b.name ? -1 : 1))
      : parts;
    return packEntries(
      sorted.map(({ name, bytes }) => ({ key: latin1(name), value: bytes })),
      { perBlock: random.pick([1, 2, 5, 1000]), snappy: random.chance(0.3) },
    );
  },
};

/**
 * @param {readonly Entry[]} entries
 * @param {{ perBlock: number, snappy: boolean }} how
 */
export function packEntries(entries, { perBlock, snappy }) {
  const blocks = [];
  for (let first = 0; first < entries.length; first += perBlock) {
    const group = entries.slice(first, first + perBlock);
    const contents = buildBlock(group, 16);
    const stored = snappy ? compressSnappy(contents) : contents;
    blocks.push({ stored, type: snappy ? 1 : 0, lastKey: group[group.length - 1].key });
  }
  return buildTable(blocks);
}

/**
 * Corrects the checksums of all blocks to which the table still leads.
 *
 * @param {Uint8Array} table
 */
export function sealTable(table) {
  const { blocks, index, meta } = readTable(table);
  const sealed = new Uint8Array(table);
  for (const { offset, size } of [...blocks, index, meta]) {
    const crc = maskedCrc32c(table.subarray(offset, offset + size + 1));
    sealed.set(encodeUint(crc, 4, true), offset + size + 1);
  }
  return sealed;
}

/**
 * The layout of a table: its handles, its block types and the numbers in its index block.
 *
 * @param {Uint8Array} table
 * @returns {import('../mutate/fields.mjs').Layout}
 */
export function dissectTable(table) {
  const { blocks, index } = readTable(table);
  const { layout } = readBlock(table.slice(index.offset, index.offset + index.size));
  /** @type {import('../mutate/fields.mjs').Field[]} */
  const fields = layout.fields.map((field) => ({ ...field, at: field.at + index.offset }));
  let at = table.length - FOOTER_BYTES;
  for (let i = 0; i < 4; i++) {
    const { end } = decodeVarint(table, at);
    fields.push({ at, size: end - at, kind: 'varint' });
    at = end;
  }
  for (const { offset, size } of blocks) {
    fields.push({ at: offset + size, size: 1, kind: 'little', choices: [0, 1, 2, 255] });
  }
  const sections = blocks.map(({ offset, size }) => ({ at: offset, size: size + TRAILER_BYTES }));
  return { fields, sections };
}
