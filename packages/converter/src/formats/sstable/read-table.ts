import { FormatError, LimitError } from '../../errors.ts';
import { ByteCursor } from '../../bytes/byte-cursor.ts';
import {
  MAX_BUFFERED_BLOCK_BYTES,
  MAX_INDEX_BLOCK_BYTES,
  MAX_KEY_BYTES,
  MAX_NAME_BYTES,
  MAX_TENSORS,
} from '../../bytes/limits.ts';
import { CRC32C, maskCrc32c } from '../../bytes/crc32c.ts';
import { createVerifiedSource } from '../../bytes/verified-source.ts';
import { checkRange, sliceSource, type RandomAccessSource } from '../../bytes/source.ts';
import {
  BLOCK_TYPES,
  checkBlockCrc,
  readBlock,
  readBlockEntries,
  readEntryHead,
  readStoredCrc,
} from './block.ts';
import { createBlockCache, type BlockCache } from './block-cache.ts';
import { BLOCK_TRAILER_BYTES, readFooter, readHandle, type BlockHandle } from './footer.ts';

/**
 * An entry of a table file (SSTable), the container of V1 checkpoints and of V2 `.index` files.
 * Specification: tensorflow/core/lib/io/{table,table_builder,block}.cc.
 */
export interface TableEntry {
  /** The keys of a file ascend bytewise. */
  readonly key: Uint8Array;
  readonly value: TableValue;
}

/** A value that need not be in memory. */
export interface TableValue {
  readonly byteLength: number;
  /**
   * The source for reading the head of a value. The bytes of a small block are verified; those of a huge
   * block are not verified yet.
   */
  readonly source: RandomAccessSource;
  /**
   * Opens a part of the value as a source that verifies the CRC of the block while it is read from front to
   * back.
   */
  openVerified(offset: number, length: number): RandomAccessSource;
}

const FORMAT = 'sstable';
/** Bytes that are read of an entry in a huge block: three varints and a key. */
const ENTRY_HEAD_BYTES = 30 + MAX_NAME_BYTES;

/**
 * Reads all entries of a table, in the order of their keys.
 *
 * @throws FormatError, ChecksumError, LimitError
 */
export async function readTable(source: RandomAccessSource): Promise<TableEntry[]> {
  const footer = await readFooter(source);
  const handles = await readIndex(source, footer.index);
  const cache = createBlockCache(source);
  const entries: TableEntry[] = [];
  let keyBytes = 0;
  for (const handle of handles) {
    const found = isBuffered(handle)
      ? await readBufferedBlock(source, handle, cache)
      : await readHugeBlock(source, handle);
    for (const entry of found) {
      keyBytes += entry.key.length;
      if (keyBytes > MAX_KEY_BYTES) {
        throw new LimitError(`keys of ${source.name} in bytes`, MAX_KEY_BYTES, keyBytes);
      }
      const previous = entries.at(-1);
      if (previous && compareBytes(previous.key, entry.key) >= 0) {
        throw new FormatError(FORMAT, 'keys are not in ascending order', handle.offset);
      }
      entries.push(entry);
      checkCount(source, entries.length);
    }
  }
  return entries;
}

/** Reads only the first entry, which shows the kind of checkpoint without reading all blocks of the table. */
export async function readFirstEntry(source: RandomAccessSource): Promise<TableEntry | undefined> {
  const footer = await readFooter(source);
  const [handle] = await readIndex(source, footer.index);
  if (handle === undefined) return undefined;
  const entries = isBuffered(handle)
    ? await readBufferedBlock(source, handle, createBlockCache(source))
    : await readHugeBlock(source, handle);
  for (const entry of entries) return entry;
  return undefined;
}

function checkCount(source: RandomAccessSource, count: number): void {
  if (count <= MAX_TENSORS) return;
  throw new LimitError(`number of entries in ${source.name}`, MAX_TENSORS, count);
}

/**
 * Reads the handles of the data blocks. Only the handles count; the keys of the index merely separate the
 * blocks.
 */
async function readIndex(source: RandomAccessSource, index: BlockHandle): Promise<BlockHandle[]> {
  if (index.size > MAX_INDEX_BLOCK_BYTES) {
    throw new LimitError(`index block of ${source.name}`, MAX_INDEX_BLOCK_BYTES, index.size);
  }
  const contents = await readBlock(source, index);
  const handles: BlockHandle[] = [];
  let end = 0;
  for (const { valueOffset, valueLength } of readBlockEntries(contents, index.offset)) {
    const value = contents.subarray(valueOffset, valueOffset + valueLength);
    // As in TensorFlow, bytes after the handle are allowed and ignored.
    const handle = readHandle(new ByteCursor(value, FORMAT, index.offset), index.offset);
    // Blocks that overlap would let a small file describe endless work, so they are refused.
    if (handle.offset < end) {
      throw new FormatError(FORMAT, 'blocks overlap or are out of order', handle.offset);
    }
    end = handle.offset + handle.size + BLOCK_TRAILER_BYTES;
    handles.push(handle);
    checkCount(source, handles.length);
  }
  return handles;
}

function isBuffered(handle: BlockHandle): boolean {
  return handle.size <= MAX_BUFFERED_BLOCK_BYTES;
}

async function readBufferedBlock(
  source: RandomAccessSource,
  handle: BlockHandle,
  cache: BlockCache,
): Promise<Iterable<TableEntry>> {
  const contents = await cache(handle);
  return listBuffered(source, handle, cache, contents);
}

/** Lists the entries one after the other, because a block can contain more entries than the caller needs. */
function* listBuffered(
  source: RandomAccessSource,
  handle: BlockHandle,
  cache: BlockCache,
  contents: Uint8Array,
): Generator<TableEntry> {
  for (const entry of readBlockEntries(contents, handle.offset)) {
    const value = createCachedSource(source.name, entry, () => cache(handle));
    yield {
      key: entry.key,
      value: {
        byteLength: entry.valueLength,
        source: value,
        openVerified: (offset, length) => sliceSource(value, offset, length),
      },
    };
  }
}

/** A value inside a cached block. If the block has been dropped from the cache, it is read again. */
function createCachedSource(
  name: string,
  entry: { valueOffset: number; valueLength: number },
  load: () => Promise<Uint8Array>,
): RandomAccessSource {
  const value: RandomAccessSource = {
    name,
    byteLength: entry.valueLength,
    async read(offset, length) {
      checkRange(value, offset, length);
      const start = entry.valueOffset + offset;
      return (await load()).subarray(start, start + length);
    },
  };
  return value;
}

async function readHugeBlock(
  source: RandomAccessSource,
  handle: BlockHandle,
): Promise<TableEntry[]> {
  const { offset: base, size } = handle;
  const tail = await source.read(base + size - 4, 4 + BLOCK_TRAILER_BYTES);
  if (tail[4] !== BLOCK_TYPES.plain) {
    // TensorFlow compresses blocks of 256 KiB. A compressed block of hundreds of MB cannot be decoded while
    // it is streamed.
    throw new LimitError(`compressed block at byte ${base}`, MAX_BUFFERED_BLOCK_BYTES, size);
  }
  const restarts = new DataView(tail.buffer, tail.byteOffset, 4).getUint32(0, true);
  const end = size - 4 - 4 * restarts;
  if (end < 0) throw new FormatError(FORMAT, `${restarts} restart points in ${size} bytes`, base);
  const entries: TableEntry[] = [];
  let previousKey: Uint8Array = new Uint8Array(0);
  for (let offset = 0; offset < end;) {
    const window = await source.read(base + offset, Math.min(ENTRY_HEAD_BYTES, end - offset));
    const head = readEntryHead(window, 0, end - offset, previousKey, base + offset);
    const start = base + offset + head.valueOffset;
    entries.push({
      key: head.key,
      value: {
        byteLength: head.valueLength,
        source: sliceSource(source, start, head.valueLength),
        openVerified: (from, length) => openHugeRange(source, handle, start + from, length),
      },
    });
    previousKey = head.key;
    offset += head.valueOffset + head.valueLength;
    checkCount(source, entries.length);
  }
  return entries;
}

function openHugeRange(
  source: RandomAccessSource,
  handle: BlockHandle,
  start: number,
  byteLength: number,
): RandomAccessSource {
  const contentsEnd = handle.offset + handle.size;
  return createVerifiedSource({
    source,
    algorithm: CRC32C,
    start,
    byteLength,
    coveredStart: handle.offset,
    coveredEnd: contentsEnd + 1,
    async check(crc) {
      const trailer = await source.read(contentsEnd, BLOCK_TRAILER_BYTES);
      checkBlockCrc(source, handle, readStoredCrc(trailer), maskCrc32c(crc));
    },
  });
}

function compareBytes(left: Uint8Array, right: Uint8Array): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const difference = left[index]! - right[index]!;
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
