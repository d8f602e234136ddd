import { ByteCursor } from '../../bytes/byte-cursor.ts';
import { MAX_HDF5_METADATA_BYTES } from '../../bytes/limits.ts';
import type { RandomAccessSource } from '../../bytes/source.ts';
import { FormatError, LimitError, UnsupportedError } from '../../errors.ts';

/** The name of the format in errors. */
export const HDF5 = 'HDF5';

/** The eight bytes with which an HDF5 file begins. */
export const HDF5_MAGIC = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a] as const;

/** Bytes of an address or a length. HDF5 allows other sizes, which nobody writes. */
const WORD_BYTES = 8;

/** An open HDF5 file: its bytes by address, and the address of its root group. */
export interface Hdf5File {
  readonly name: string;
  /** The number of bytes from address 0 on. */
  readonly byteLength: number;
  readonly root: number;
  readonly source: RandomAccessSource;
  /**
   * Reads headers, names and attributes. Together they are limited, so that a file that refers to the same
   * bytes again and again ends in an error.
   */
  readMetadata(address: number, length: number): Promise<ByteCursor>;
  /**
   * The texts in heaps that were read before, by the address of the heap and their number in it. One heap has
   * the names of many weights.
   */
  readonly heaps: Map<number, ReadonlyMap<number, Uint8Array>>;
}

/**
 * Reads the superblock. Specification: HDF5 File Format Specification 3.0, section II.A; versions 0 to 3.
 *
 * @throws FormatError for wrong magic and for a file shorter than it says; UnsupportedError for addresses
 *   that are not of 8 bytes
 */
export async function openHdf5File(source: RandomAccessSource): Promise<Hdf5File> {
  const head = await source.read(0, Math.min(source.byteLength, 128));
  if (!HDF5_MAGIC.every((byte, index) => head[index] === byte)) {
    throw new FormatError(HDF5, `${source.name}: expected HDF5, found other bytes at its start`, 0);
  }
  const cursor = new ByteCursor(head, HDF5);
  cursor.skip(HDF5_MAGIC.length);
  const version = cursor.readUint8();
  if (version > 3) {
    throw new UnsupportedError(
      `HDF5 superblock ${version}`,
      `${source.name} is of version ${version} of HDF5's superblock; versions 0 to 3 can be read`,
    );
  }
  if (version < 2) cursor.skip(4);
  const sizes = [cursor.readUint8(), cursor.readUint8()];
  if (sizes.some((size) => size !== WORD_BYTES)) {
    throw new UnsupportedError(
      'HDF5 sizes',
      `${source.name} has addresses and lengths of ${sizes.join(' and ')} bytes; only ${WORD_BYTES} can be read`,
    );
  }
  // Version 1 has the rank of chunked storage in addition; both have free space and a driver, unused here.
  if (version < 2) cursor.skip(1 + 2 + 2 + 4 + (version === 1 ? 4 : 0));
  else cursor.skip(1);
  const base = cursor.readUint64();
  cursor.skip(WORD_BYTES);
  const end = cursor.readUint64();
  if (version < 2) cursor.skip(WORD_BYTES + WORD_BYTES);
  const root = cursor.readUint64();
  if (base !== 0) {
    throw new UnsupportedError(
      'HDF5 base address',
      `${source.name} begins with a block of another program (base address ${base}); write it anew with h5repack`,
    );
  }
  if (end > source.byteLength) {
    throw new FormatError(
      HDF5,
      `${source.name} says that it has ${end} bytes, found ${source.byteLength}; the file is truncated`,
    );
  }
  let read = 0;
  return {
    name: source.name,
    byteLength: source.byteLength,
    root,
    source,
    heaps: new Map(),
    async readMetadata(address, length) {
      read += length;
      if (read > MAX_HDF5_METADATA_BYTES) {
        throw new LimitError(
          `headers and attributes of ${source.name}, in bytes,`,
          MAX_HDF5_METADATA_BYTES,
          read,
        );
      }
      return new ByteCursor(await source.read(address, length), HDF5, address);
    },
  };
}

/** Reads an address; null is HDF5's "undefined address", for what has never been written. */
export function readAddress(cursor: ByteCursor): number | null {
  const low = cursor.readUint32();
  const high = cursor.readUint32();
  if (low === 0xffffffff && high === 0xffffffff) return null;
  const address = high * 2 ** 32 + low;
  if (!Number.isSafeInteger(address)) throw cursor.fail('an address is 2^53 or larger');
  return address;
}

/** Reads four letters that mark a structure. */
export function expectSignature(cursor: ByteCursor, signature: string): void {
  const at = cursor.position;
  const found = String.fromCharCode(...cursor.readBytes(4));
  if (found !== signature) {
    throw new FormatError(
      HDF5,
      `expected ${signature}, found other bytes; the file is damaged`,
      at,
    );
  }
}
