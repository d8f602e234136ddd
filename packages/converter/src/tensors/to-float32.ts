import { UnsupportedError } from '../errors.ts';
import { CHUNK_BYTES } from '../bytes/limits.ts';
import { ELEMENT_BYTES, type DType } from './dtype.ts';
import type { StoredTensor } from './stored-tensor.ts';

/** Dtypes whose numbers can be converted to float32. */
type RealDType = Exclude<
  DType,
  | 'complex64'
  | 'complex128'
  | 'string'
  | 'resource'
  | 'variant'
  | 'qint8'
  | 'quint8'
  | 'qint16'
  | 'quint16'
  | 'qint32'
>;

/** Options of the conversion to float32. */
export interface Float32Options {
  /** Is called with the number of values in a chunk that float32 cannot hold exactly. */
  readonly onRounded?: (count: number) => void;
}

/**
 * Reads the elements of a tensor as float32, little-endian, in chunks of at most `CHUNK_BYTES`. float32,
 * half, bfloat16 and small integers keep their exact values. All other values are rounded to the nearest
 * float32, and the rounded ones are counted.
 *
 * @throws UnsupportedError for complex and quantised tensors
 */
export async function* readFloat32Chunks(
  tensor: StoredTensor,
  options: Float32Options = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  const { dtype } = tensor;
  if (dtype === 'float32') {
    yield* tensor.chunks();
    return;
  }
  if (!isRealDType(dtype)) {
    throw new UnsupportedError(
      `${dtype} weights`,
      `${tensor.name} has type ${dtype}; expected real numbers`,
    );
  }
  const step = (CHUNK_BYTES / 4) * ELEMENT_BYTES[dtype];
  for await (const chunk of tensor.chunks()) {
    for (let offset = 0; offset < chunk.length; offset += step) {
      // The chunk is copied, because typed arrays need aligned elements and the elements of a file may be
      // anywhere.
      const elements = chunk.slice(offset, offset + step);
      const { floats, rounded } = convertElements(elements.buffer, dtype);
      if (rounded > 0) options.onRounded?.(rounded);
      yield new Uint8Array(floats.buffer);
    }
  }
}

function isRealDType(dtype: DType): dtype is RealDType {
  return !/^(complex|q|string|resource|variant)/.test(dtype);
}

function convertElements(
  buffer: ArrayBuffer,
  dtype: RealDType,
): { floats: Float32Array<ArrayBuffer>; rounded: number } {
  switch (dtype) {
    case 'float16':
      return { floats: expandHalves(new Uint16Array(buffer)), rounded: 0 };
    case 'bfloat16':
      return { floats: expandBrainFloats(new Uint16Array(buffer)), rounded: 0 };
    case 'float32':
      return { floats: new Float32Array(buffer), rounded: 0 };
    case 'float64':
      return roundNumbers(new Float64Array(buffer));
    case 'int8':
      return roundNumbers(new Int8Array(buffer));
    case 'bool':
    case 'uint8':
      return roundNumbers(new Uint8Array(buffer));
    case 'int16':
      return roundNumbers(new Int16Array(buffer));
    case 'uint16':
      return roundNumbers(new Uint16Array(buffer));
    case 'int32':
      return roundNumbers(new Int32Array(buffer));
    case 'uint32':
      return roundNumbers(new Uint32Array(buffer));
    case 'int64':
      return roundBigIntegers(new BigInt64Array(buffer));
    case 'uint64':
      return roundBigIntegers(new BigUint64Array(buffer));
  }
}

function roundNumbers(numbers: ArrayLike<number>): {
  floats: Float32Array<ArrayBuffer>;
  rounded: number;
} {
  const floats = Float32Array.from(numbers);
  let rounded = 0;
  // NaN counts as exact. The comparison treats 0 and -0 as equal, which `Object.is` would not do.
  for (let index = 0; index < floats.length; index++) {
    const number = numbers[index]!;
    if (floats[index] !== number && !Number.isNaN(number)) rounded++;
  }
  return { floats, rounded };
}

function roundBigIntegers(integers: BigInt64Array | BigUint64Array): {
  floats: Float32Array<ArrayBuffer>;
  rounded: number;
} {
  const floats = new Float32Array(integers.length);
  let rounded = 0;
  integers.forEach((integer: bigint, index: number) => {
    floats[index] = Number(integer);
    if (BigInt(floats[index]!) !== integer) rounded++;
  });
  return { floats, rounded };
}

/** bfloat16 is the upper half of a float32. */
function expandBrainFloats(halves: Uint16Array): Float32Array<ArrayBuffer> {
  const bits = new Uint32Array(halves.length);
  halves.forEach((half, index) => {
    bits[index] = half * 65536;
  });
  return new Float32Array(bits.buffer);
}

/** IEEE 754 binary16: 1 sign, 5 exponent (bias 15), 10 fraction bits. */
function expandHalves(halves: Uint16Array): Float32Array<ArrayBuffer> {
  const bits = new Uint32Array(halves.length);
  halves.forEach((half, index) => {
    bits[index] = expandHalf(half);
  });
  return new Float32Array(bits.buffer);
}

/** The bits of a half as those of the same float32. */
function expandHalf(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return (sign | 0x7f800000 | (fraction << 13)) >>> 0;
  if (exponent > 0) return (sign | ((exponent + 112) << 23) | (fraction << 13)) >>> 0;
  if (fraction === 0) return sign >>> 0;
  // Subnormal: float32 has room to make its leading one the implicit bit.
  const shift = Math.clz32(fraction) - 21;
  return (sign | ((113 - shift) << 23) | ((fraction << (shift + 13)) & 0x7fffff)) >>> 0;
}
