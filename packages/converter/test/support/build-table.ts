import { compress } from 'snappyjs';
import { computeCrc32c, maskCrc32c } from '../../src/bytes/crc32c.ts';

/** How {@link buildTable} writes. */
export interface TableOptions {
  /** Entries per block; 1 by default. */
  readonly entriesPerBlock?: number;
  /** Compress data blocks with Snappy. */
  readonly snappy?: boolean;
  /** Stored in the place of every data block, with a right checksum. */
  readonly forged?: { readonly contents: Uint8Array; readonly type: number };
}

/** Writes a table file of the given entries, which must be in key order. */
export function buildTable(
  entries: readonly (readonly [string | Uint8Array, Uint8Array])[],
  options: TableOptions = {},
): Uint8Array<ArrayBuffer> {
  const { entriesPerBlock = 1, snappy = false, forged } = options;
  const parts: Uint8Array[] = [];
  let offset = 0;
  const put = (stored: Uint8Array, type = 0): Uint8Array => {
    const typed = concat(stored, Uint8Array.of(type));
    const crc = new Uint8Array(4);
    new DataView(crc.buffer).setUint32(0, maskCrc32c(computeCrc32c(typed)), true);
    parts.push(typed, crc);
    const handle = concat(varint(offset), varint(stored.length));
    offset += typed.length + 4;
    return handle;
  };
  const index: [Uint8Array, Uint8Array][] = [];
  for (let first = 0; first < entries.length; first += entriesPerBlock) {
    const group = entries.slice(first, first + entriesPerBlock);
    const last = toBytes(group.at(-1)![0]);
    const contents = buildBlock(group);
    const block = { contents: snappy ? compress(contents) : contents, type: snappy ? 1 : 0 };
    const { contents: stored, type } = forged ?? block;
    index.push([last, put(stored, type)]);
  }
  const metaindex = put(buildBlock([]));
  const indexHandle = put(buildBlock(index));
  const footer = new Uint8Array(48);
  footer.set(concat(metaindex, indexHandle));
  footer.set([0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb], 40);
  return concat(...parts, footer);
}

/** Contents of a block with one restart point; keys share what they can with the one before. */
export function buildBlock(
  entries: readonly (readonly [string | Uint8Array, Uint8Array])[],
): Uint8Array {
  const parts: Uint8Array[] = [];
  let previous = new Uint8Array(0);
  for (const [name, value] of entries) {
    const key = toBytes(name);
    let shared = 0;
    while (shared < previous.length && shared < key.length && previous[shared] === key[shared]) {
      shared++;
    }
    parts.push(varint(shared), varint(key.length - shared), varint(value.length));
    parts.push(key.subarray(shared), value);
    previous = key;
  }
  return concat(...parts, Uint8Array.of(0, 0, 0, 0, 1, 0, 0, 0));
}

/** A protobuf field: varint for numbers, length-delimited for the rest. */
export function field(number: number, value: number | string | Uint8Array): Uint8Array {
  if (typeof value === 'number') return concat(varint(number * 8), varint(value));
  const bytes = toBytes(value);
  return concat(varint(number * 8 + 2), varint(bytes.length), bytes);
}

/** An unsigned varint. */
export function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  bytes.push(rest);
  return Uint8Array.from(bytes);
}

/** Arrays of bytes one after the other. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

function toBytes(value: string | Uint8Array): Uint8Array<ArrayBuffer> {
  return typeof value === 'string' ? new TextEncoder().encode(value) : new Uint8Array(value);
}
