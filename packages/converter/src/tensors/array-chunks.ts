import { CHUNK_BYTES } from '../bytes/limits.ts';
import type { RandomAccessSource } from '../bytes/source.ts';
import { ELEMENT_BYTES, getSwapBytes, type DType } from './dtype.ts';
import { readFortranChunks } from './fortran-chunks.ts';

/** The arrangement of an array's elements in its bytes. */
export interface ArrayLayout {
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** True for column-major order, in which the first index changes fastest. */
  readonly fortranOrder: boolean;
  readonly bigEndian: boolean;
}

/**
 * Reads the elements of an array as row-major, little-endian chunks of at most `CHUNK_BYTES`. The source
 * must contain exactly the array's bytes. A row-major array is read from front to back.
 */
export async function* readArrayChunks(
  source: RandomAccessSource,
  layout: ArrayLayout,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { dtype, shape } = layout;
  const swapBytes = layout.bigEndian ? getSwapBytes(dtype) : 1;
  // If at most one dimension is larger than 1, both orders are the same.
  const transposed = layout.fortranOrder && shape.filter((size) => size !== 1).length > 1;
  const chunks = transposed
    ? readFortranChunks(source, shape, ELEMENT_BYTES[dtype])
    : readPlainChunks(source);
  for await (const chunk of chunks) {
    yield swapBytes === 1 ? chunk : swapByteOrder(chunk, swapBytes);
  }
}

/** Reads all bytes of a source in chunks of `CHUNK_BYTES`, which is a multiple of every element size. */
export async function* readPlainChunks(
  source: RandomAccessSource,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (let offset = 0; offset < source.byteLength; offset += CHUNK_BYTES) {
    yield await source.read(offset, Math.min(CHUNK_BYTES, source.byteLength - offset));
  }
}

/** A copy of `bytes` in which the order of each group of `size` bytes is reversed. */
export function swapByteOrder(bytes: Uint8Array, size: number): Uint8Array {
  const swapped = new Uint8Array(bytes.length);
  for (let group = 0; group + size <= bytes.length; group += size) {
    for (let index = 0; index < size; index++) {
      swapped[group + index] = bytes[group + size - 1 - index]!;
    }
  }
  return swapped;
}
