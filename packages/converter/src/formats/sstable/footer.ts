import { FormatError } from '../../errors.ts';
import { ByteCursor } from '../../bytes/byte-cursor.ts';
import type { RandomAccessSource } from '../../bytes/source.ts';

/**
 * The last 48 bytes of a table file: two block handles, zeros, and the magic number. Specification:
 * tensorflow/core/lib/io/format.h; LevelDB's doc/table_format.md.
 */
export interface TableFooter {
  readonly metaindex: BlockHandle;
  readonly index: BlockHandle;
}

/** The place of a block. */
export interface BlockHandle {
  /** Byte offset in the file. */
  readonly offset: number;
  /** Bytes of the contents as stored, without the five bytes of type and checksum. */
  readonly size: number;
}

/** Bytes of the footer, and therefore of the smallest table. */
export const FOOTER_BYTES = 48;

/** Bytes after the contents of each block: its type (1 byte) and its masked CRC (4 bytes). */
export const BLOCK_TRAILER_BYTES = 5;

const FORMAT = 'sstable';
const MAGIC = [0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb];

/**
 * Whether the last eight bytes are the magic number of a table. The head cannot tell, because it may be
 * compressed.
 */
export function hasTableMagic(tail: Uint8Array): boolean {
  const start = tail.length - MAGIC.length;
  return start >= 0 && MAGIC.every((byte, index) => tail[start + index] === byte);
}

/**
 * Reads and checks the footer of a table file.
 *
 * @throws FormatError when the file is too short, is not a table, or has handles that point outside the
 * file
 */
export async function readFooter(source: RandomAccessSource): Promise<TableFooter> {
  const { byteLength } = source;
  if (byteLength < FOOTER_BYTES) {
    throw new FormatError(
      FORMAT,
      `${source.name}: expected a table of at least ${FOOTER_BYTES} bytes, found ${byteLength}`,
    );
  }
  const start = byteLength - FOOTER_BYTES;
  const bytes = await source.read(start, FOOTER_BYTES);
  if (!hasTableMagic(bytes)) {
    throw new FormatError(
      FORMAT,
      `${source.name}: expected the magic number of a table at the end, found other bytes; the file is no checkpoint table, or is truncated`,
      byteLength - MAGIC.length,
    );
  }
  const cursor = new ByteCursor(bytes.subarray(0, FOOTER_BYTES - MAGIC.length), FORMAT, start);
  return { metaindex: readHandle(cursor, start), index: readHandle(cursor, start) };
}

/** Reads a block handle. The block and its trailer must end at or before `limit`. */
export function readHandle(cursor: ByteCursor, limit: number): BlockHandle {
  const offset = cursor.readVarint();
  const size = cursor.readVarint();
  if (offset + size + BLOCK_TRAILER_BYTES > limit) {
    throw cursor.fail(`a block of ${size} bytes at byte ${offset} reaches beyond byte ${limit}`);
  }
  return { offset, size };
}
