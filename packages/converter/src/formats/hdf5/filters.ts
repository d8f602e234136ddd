import type { ByteCursor } from '../../bytes/byte-cursor.ts';
import { FormatError, UnsupportedError } from '../../errors.ts';
import { decodeText } from './attributes.ts';
import { HDF5 } from './hdf5-file.ts';

/** What was done to the chunks of a data set, in the order in which the writer did it. */
export type Filter = 'deflate' | 'shuffle' | 'checksum';

const FILTERS: Readonly<Record<number, Filter>> = { 1: 'deflate', 2: 'shuffle', 3: 'checksum' };
const CHECKSUM_BYTES = 4;

/** Reads a filter pipeline message. Specification: section IV.A.2.l. */
export function readFilters(cursor: ByteCursor, name: string): Filter[] {
  const version = cursor.readUint8();
  const count = cursor.readUint8();
  if (version === 1) cursor.skip(6);
  return Array.from({ length: count }, () => {
    const id = cursor.readUint16();
    const hasName = version === 1 || id >= 256;
    const nameBytes = hasName ? cursor.readUint16() : 0;
    cursor.skip(2);
    const values = cursor.readUint16();
    const title = decodeText(
      cursor.readBytes(version === 1 ? nameBytes + (-nameBytes & 7) : nameBytes),
    );
    cursor.skip(4 * values + (version === 1 && values % 2 === 1 ? 4 : 0));
    const filter = FILTERS[id];
    if (filter !== undefined) return filter;
    throw new UnsupportedError(
      `HDF5 filter ${id}`,
      `${name} is compressed by filter ${id}${title === '' ? '' : ` (${title})`}; only deflate (gzip) can be read: rewrite the file with h5repack -f GZIP=4`,
    );
  });
}

/**
 * Undoes the filters of one chunk, the last one first.
 *
 * @param mask bit i is set if the writer left out filter i for this chunk.
 * @param size bytes of the chunk when all filters are undone. Nothing larger is ever made.
 */
export async function undoFilters(
  packed: Uint8Array,
  filters: readonly Filter[],
  {
    mask,
    size,
    elementBytes,
    name,
  }: { mask: number; size: number; elementBytes: number; name: string },
): Promise<Uint8Array> {
  let bytes = packed;
  for (let index = filters.length - 1; index >= 0; index--) {
    if ((mask & (1 << index)) !== 0) continue;
    const filter = filters[index]!;
    if (filter === 'deflate') bytes = await inflate(bytes, size + CHECKSUM_BYTES, name);
    else if (filter === 'shuffle') bytes = unshuffle(bytes, elementBytes);
    else bytes = bytes.subarray(0, Math.max(0, bytes.length - CHECKSUM_BYTES));
  }
  if (bytes.length !== size) {
    throw new FormatError(
      HDF5,
      `${name}: a chunk has ${bytes.length} bytes, expected ${size}; the file is damaged`,
    );
  }
  return bytes;
}

async function inflate(packed: Uint8Array, most: number, name: string): Promise<Uint8Array> {
  const input = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      controller.enqueue(new Uint8Array(packed));
      controller.close();
    },
  });
  const reader = input.pipeThrough(new DecompressionStream('deflate')).getReader();
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      length += value.length;
      if (length > most) break;
      parts.push(value);
    }
  } catch (cause) {
    throw new FormatError(
      HDF5,
      `${name}: a chunk cannot be decompressed; the file is damaged`,
      undefined,
      {
        cause,
      },
    );
  } finally {
    await reader.cancel().catch(() => undefined);
  }
  if (length > most) {
    throw new FormatError(
      HDF5,
      `${name}: a chunk unpacks to more than its ${most} bytes; the file is damaged`,
    );
  }
  const whole = new Uint8Array(length);
  let filled = 0;
  for (const part of parts) {
    whole.set(part, filled);
    filled += part.length;
  }
  return whole;
}

/** Puts the bytes of each element together again: the writer put all first bytes first, and so on. */
function unshuffle(bytes: Uint8Array, elementBytes: number): Uint8Array {
  const count = Math.floor(bytes.length / elementBytes);
  const whole = bytes.slice();
  for (let byte = 0; byte < elementBytes; byte++) {
    for (let index = 0; index < count; index++) {
      whole[index * elementBytes + byte] = bytes[byte * count + index]!;
    }
  }
  return whole;
}
