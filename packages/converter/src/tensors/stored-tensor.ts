import { LimitError } from '../errors.ts';
import { MAX_RANK, MAX_TENSOR_BYTES } from '../bytes/limits.ts';
import { ELEMENT_BYTES, type DType } from './dtype.ts';

/** A tensor that lies in a file; nothing of its content is in memory. */
export interface StoredTensor {
  readonly name: string;
  readonly dtype: DType;
  /** Row-major, as the user of the file knows it; [] is a scalar. */
  readonly shape: readonly number[];
  /** Bytes of all elements. */
  readonly byteLength: number;
  /**
   * The elements in row-major order, little-endian, in chunks of at most `CHUNK_BYTES` that hold
   * whole elements. A chunk may alias the source: do not change it. Checksums that cover the
   * tensor are verified on the way; each call reads anew.
   *
   * @throws ChecksumError at the latest after the last chunk
   */
  chunks(): AsyncGenerator<Uint8Array, void, undefined>;
}

/** Something in a weight file that is no convertible tensor. */
export interface SkippedEntry {
  readonly name: string;
  readonly reason: string;
}

/** The content of a weight file. */
export interface WeightFile {
  readonly format: WeightFormat;
  /** In the order of the file. */
  readonly tensors: readonly StoredTensor[];
  readonly skipped: readonly SkippedEntry[];
}

/** The formats that are read. */
export type WeightFormat =
  'npy' | 'npy-pickle' | 'npz' | 'tf-checkpoint-v1' | 'tf-checkpoint-v2' | 'tfjs-layers';

/** Number of elements of a shape, in floating point (check it before you allocate). */
export function countElements(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/**
 * Byte length of a tensor, checked against the limits.
 *
 * @throws LimitError when rank or size pass `MAX_RANK`, `MAX_TENSOR_BYTES`
 */
export function measureTensor(name: string, dtype: DType, shape: readonly number[]): number {
  if (shape.length > MAX_RANK) throw new LimitError(`rank of ${name}`, MAX_RANK, shape.length);
  const wrong = shape.find((size) => !Number.isSafeInteger(size) || size < 0);
  if (wrong !== undefined) throw new LimitError(`a dimension of ${name}`, MAX_TENSOR_BYTES, wrong);
  const byteLength = countElements(shape) * ELEMENT_BYTES[dtype];
  // A zero dimension must not hide absurd ones.
  const largest = countElements(shape.filter((size) => size > 0));
  if (byteLength > MAX_TENSOR_BYTES || largest > MAX_TENSOR_BYTES) {
    throw new LimitError(
      `size of ${name} [${shape.join(', ')}] in bytes`,
      MAX_TENSOR_BYTES,
      Math.max(byteLength, largest),
    );
  }
  return byteLength;
}

/** A shape for messages: `[3, 3, 64, 64]`. */
export function formatShape(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`;
}
