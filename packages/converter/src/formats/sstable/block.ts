import { uncompress } from 'snappyjs';
import { ChecksumError, FormatError, LimitError } from '../../errors.ts';
import { computeCrc32c, formatCrc32c, maskCrc32c } from '../../bytes/crc32c.ts';
import { MAX_NAME_BYTES, MAX_SNAPPY_BLOCK_BYTES } from '../../bytes/limits.ts';
import { readVarint } from '../../bytes/varint.ts';
import type { RandomAccessSource } from '../../bytes/source.ts';
import { BLOCK_TRAILER_BYTES, type BlockHandle } from './footer.ts';

/**
 * A block of a table: its contents, a byte with its type, and a masked CRC-32C over both. Specification:
 * tensorflow/core/lib/io/{format,block}.cc.
 */
const FORMAT = 'sstable';

/** The values of the type byte. */
export const BLOCK_TYPES = { plain: 0, snappy: 1 } as const;

/** The largest compression ratio of Snappy: its longest copy takes three bytes and yields 64. */
const MAX_SNAPPY_RATIO = 64;

/** A key, and the place of its value in the block's contents. */
export interface BlockEntry {
  readonly key: Uint8Array;
  readonly valueOffset: number;
  readonly valueLength: number;
}

/**
 * Reads a whole block, checks its CRC and decompresses it.
 *
 * @throws ChecksumError, FormatError
 */
export async function readBlock(
  source: RandomAccessSource,
  handle: BlockHandle,
): Promise<Uint8Array> {
  const stored = await source.read(handle.offset, handle.size + BLOCK_TRAILER_BYTES);
  const found = maskCrc32c(computeCrc32c(stored.subarray(0, handle.size + 1)));
  checkBlockCrc(source, handle, readStoredCrc(stored), found);
  const contents = stored.subarray(0, handle.size);
  const type = stored[handle.size];
  if (type === BLOCK_TYPES.plain) return contents;
  if (type === BLOCK_TYPES.snappy) return decompressBlock(contents, handle);
  throw new FormatError(FORMAT, `bad block type ${type}, expected 0 or 1`, handle.offset);
}

/** The masked CRC in the last four bytes of a block's trailer. */
export function readStoredCrc(trailer: Uint8Array): number {
  const view = new DataView(trailer.buffer, trailer.byteOffset, trailer.byteLength);
  return view.getUint32(trailer.byteLength - 4, true);
}

/** Compares two masked CRCs of a block. */
export function checkBlockCrc(
  source: { name: string },
  handle: BlockHandle,
  expected: number,
  found: number,
): void {
  if (expected === found) return;
  throw new ChecksumError(
    `block at byte ${handle.offset} of ${source.name}`,
    'masked crc32c',
    formatCrc32c(expected),
    formatCrc32c(found),
  );
}

/** Iterates over the key-value entries of a whole block, in order. The values are not read. */
export function* readBlockEntries(contents: Uint8Array, base: number): Generator<BlockEntry> {
  if (contents.length < 4)
    throw new FormatError(
      FORMAT,
      'expected a block of at least 4 bytes, found a shorter one',
      base,
    );
  const view = new DataView(contents.buffer, contents.byteOffset, contents.byteLength);
  const restarts = view.getUint32(contents.length - 4, true);
  if (restarts > (contents.length - 4) / 4) {
    throw new FormatError(FORMAT, `${restarts} restart points in ${contents.length} bytes`, base);
  }
  const end = contents.length - 4 - 4 * restarts;
  let key: Uint8Array = new Uint8Array(0);
  for (let offset = 0; offset < end;) {
    const head = readEntryHead(contents, offset, end, key, base);
    key = head.key;
    yield { key, valueOffset: head.valueOffset, valueLength: head.valueLength };
    offset = head.valueOffset + head.valueLength;
  }
}

/**
 * Reads the lengths and the key of the entry at `offset`. `window` may end anywhere after the key. `end` is
 * where the entries of the block end.
 */
export function readEntryHead(
  window: Uint8Array,
  offset: number,
  end: number,
  previousKey: Uint8Array,
  base: number,
): BlockEntry {
  const shared = readVarint(window, offset);
  const unshared = shared && readVarint(window, shared.end);
  const length = unshared && readVarint(window, unshared.end);
  if (!shared || !unshared || !length) {
    throw new FormatError(FORMAT, 'bad entry in block: its lengths have no end', base + offset);
  }
  const valueOffset = length.end + unshared.value;
  if (shared.value > previousKey.length || valueOffset + length.value > end) {
    throw new FormatError(
      FORMAT,
      `bad entry in block: ${shared.value} shared of ${previousKey.length}, value to ${valueOffset + length.value} of ${end}`,
      base + offset,
    );
  }
  if (shared.value + unshared.value > MAX_NAME_BYTES) {
    throw new LimitError('key length', MAX_NAME_BYTES, shared.value + unshared.value);
  }
  if (valueOffset > window.length) {
    throw new FormatError(
      FORMAT,
      'bad entry in block: its key reaches beyond the block',
      base + offset,
    );
  }
  const key = new Uint8Array(shared.value + unshared.value);
  key.set(previousKey.subarray(0, shared.value));
  key.set(window.subarray(length.end, valueOffset), shared.value);
  return { key, valueOffset, valueLength: length.value };
}

function decompressBlock(contents: Uint8Array, handle: BlockHandle): Uint8Array {
  const declared = readVarint(contents, 0)?.value;
  const limit = Math.min(MAX_SNAPPY_BLOCK_BYTES, contents.length * MAX_SNAPPY_RATIO);
  if (declared === undefined || declared > limit) {
    throw new LimitError(`Snappy block at byte ${handle.offset}`, limit, declared ?? Infinity);
  }
  try {
    // The bytes are copied because the library treats Node's Buffer differently from a plain array.
    return uncompress(new Uint8Array(contents), limit);
  } catch (cause) {
    throw new FormatError(FORMAT, 'bad Snappy data in block', handle.offset, { cause });
  }
}
