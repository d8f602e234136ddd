import type { StoredTensor } from '../tensors/stored-tensor.ts';

/** The types that weights of a GraphModel have. */
export type StoredDType = 'float32' | 'int32' | 'bool';

/** A tensor as a GraphModel stores it, and whether it keeps its type. */
export interface HeldTensor {
  readonly tensor: StoredTensor;
  readonly dtype: StoredDType;
}

/** The least and the largest integer that tfjs has. */
const RANGE = [-(2 ** 31), 2 ** 31 - 1] as const;

/**
 * Integers as int32, which is the only type of integers in tfjs, booleans as they are, and everything else as
 * numbers that become float32.
 *
 * @param onClamped is called when a chunk has integers that int32 cannot hold. The nearest ones are stored.
 */
export function holdIntegers(tensor: StoredTensor, onClamped: () => void): HeldTensor {
  const { dtype, byteLength } = tensor;
  if (dtype === 'bool' || dtype === 'int32') return { tensor, dtype };
  const convert = CONVERSIONS[dtype];
  if (convert === undefined) return { tensor, dtype: 'float32' };
  const { width, read } = convert;
  return {
    dtype: 'int32',
    tensor: {
      ...tensor,
      dtype: 'int32',
      byteLength: (byteLength / width) * 4,
      async *chunks() {
        for await (const chunk of tensor.chunks()) {
          const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
          const integers = new Int32Array(chunk.length / width);
          for (let i = 0; i < integers.length; i++) {
            const value = read(view, i * width);
            const held = Math.min(RANGE[1], Math.max(RANGE[0], value));
            if (held !== value) onClamped();
            integers[i] = held;
          }
          yield new Uint8Array(integers.buffer);
        }
      },
    },
  };
}

interface Conversion {
  readonly width: number;
  read(view: DataView, at: number): number;
}

const CONVERSIONS: Readonly<Record<string, Conversion>> = {
  int8: { width: 1, read: (view, at) => view.getInt8(at) },
  uint8: { width: 1, read: (view, at) => view.getUint8(at) },
  int16: { width: 2, read: (view, at) => view.getInt16(at, true) },
  uint16: { width: 2, read: (view, at) => view.getUint16(at, true) },
  uint32: { width: 4, read: (view, at) => view.getUint32(at, true) },
  int64: { width: 8, read: (view, at) => Number(view.getBigInt64(at, true)) },
  uint64: { width: 8, read: (view, at) => Number(view.getBigUint64(at, true)) },
};
