import type { ByteCursor } from '../../bytes/byte-cursor.ts';
import { UnsupportedError } from '../../errors.ts';
import { readAddress } from './hdf5-file.ts';

/** Where the elements of a data set are. */
export type Layout =
  /** In the header itself. */
  | { readonly kind: 'compact'; readonly bytes: Uint8Array }
  /** In one piece; null if nothing was ever written. */
  | { readonly kind: 'contiguous'; readonly address: number | null; readonly length: number }
  /** In blocks of equal shape, which a tree lists; null if none was ever written. */
  | { readonly kind: 'chunked'; readonly tree: number | null; readonly chunk: readonly number[] };

/**
 * Reads a data layout message, versions 1 to 4. Specification: section IV.A.2.i.
 *
 * @throws UnsupportedError for the indices of chunks that only `libver='latest'` writes
 */
export function readLayout(cursor: ByteCursor, name: string): Layout {
  const version = cursor.readUint8();
  if (version <= 2) return readOldLayout(cursor, version);
  const kind = cursor.readUint8();
  if (kind === 0) return { kind: 'compact', bytes: cursor.readBytes(cursor.readUint16()) };
  if (kind === 1) {
    return { kind: 'contiguous', address: readAddress(cursor), length: cursor.readUint64() };
  }
  if (kind === 2 && version === 3) {
    const rank = cursor.readUint8();
    const tree = readAddress(cursor);
    const sizes = Array.from({ length: rank }, () => cursor.readUint32());
    return { kind: 'chunked', tree, chunk: sizes.slice(0, -1) };
  }
  throw new UnsupportedError(
    `HDF5 layout ${version}.${kind}`,
    `${name} is stored in a way that cannot be read (layout ${kind} of version ${version}); save the model again with Keras, or copy it with h5repack`,
  );
}

function readOldLayout(cursor: ByteCursor, version: number): Layout {
  if (version < 1) throw cursor.fail(`unknown version ${version} of a layout`);
  const rank = cursor.readUint8();
  const kind = cursor.readUint8();
  cursor.skip(5);
  const address = kind === 0 ? null : readAddress(cursor);
  const sizes = Array.from({ length: rank }, () => cursor.readUint32());
  if (kind === 2) return { kind: 'chunked', tree: address, chunk: sizes.slice(0, -1) };
  if (kind === 1) return { kind: 'contiguous', address, length: -1 };
  return { kind: 'compact', bytes: cursor.readBytes(cursor.readUint32()) };
}
