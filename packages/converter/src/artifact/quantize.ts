import { UnsupportedError } from '../errors.ts';
import { countElements } from '../tensors/stored-tensor.ts';
import type { Quantization } from './model-json.ts';

/** How float32 weights are stored. All types except `float32` lose precision. */
export type WeightDType = 'float32' | 'float16' | 'uint16' | 'uint8';

/** All values of {@link WeightDType}. */
export const WEIGHT_DTYPES = ['float32', 'float16', 'uint16', 'uint8'] as const;

/** The bytes that one stored number takes. */
export const WEIGHT_BYTES = { float32: 4, float16: 2, uint16: 2, uint8: 1 } as const;

/** The largest finite half-precision number. */
const MAX_HALF = 65504;
const LEVELS = { uint8: 255, uint16: 65535 } as const;

/** A weight with fewer numbers stays float32. The largest depthwise kernel of MobileNet has 9,216. */
const SMALLEST_QUANTIZED = 10_000;

/** Chunks of float32 bytes, little-endian. */
export type FloatChunks = () => AsyncIterable<Uint8Array>;

/**
 * Whether a weight is worth quantising. A single range for a whole weight suits a depthwise kernel badly,
 * because its channels differ by orders of magnitude. Such kernels, first layers, biases and statistics
 * have few numbers, and their errors affect the rest of the net. So small weights stay float32.
 */
export function isQuantizable(shape: readonly number[]): boolean {
  return shape.length >= 2 && countElements(shape) >= SMALLEST_QUANTIZED;
}

/**
 * Plans how a weight is stored: it finds the weight's range, chosen such that 0 stays exactly 0 if it lies
 * in the range. The weight is read once. The rule is that of tensorflowjs's `quantization.py`.
 *
 * @throws UnsupportedError for values that the dtype cannot hold
 */
export async function planQuantization(
  name: string,
  chunks: FloatChunks,
  dtype: Exclude<WeightDType, 'float32'>,
): Promise<Quantization> {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for await (const chunk of chunks()) {
    for (const value of toFloats(chunk)) {
      if (!Number.isFinite(value)) {
        throw new UnsupportedError(
          `${value} in ${dtype}`,
          `${name} holds ${value}, which ${dtype} cannot represent; keep float32`,
        );
      }
      if (value < min) min = value;
      if (value > max) max = value;
    }
  }
  if (dtype === 'float16') {
    const largest = Math.max(Math.abs(min), Math.abs(max));
    if (largest > MAX_HALF && Number.isFinite(largest)) {
      throw new UnsupportedError(
        `${largest} in float16`,
        `${name} holds ${largest}, and the largest float16 is ${MAX_HALF}; keep float32`,
      );
    }
    return { dtype };
  }
  if (min >= max || !Number.isFinite(min)) {
    return { dtype, min: Number.isFinite(min) ? min : 0, scale: 1 };
  }
  const scale = (max - min) / LEVELS[dtype];
  if (min > 0 || max < 0) return { dtype, min, scale };
  const zeroPoint = Math.round(-min / scale);
  return { dtype, min: -zeroPoint * scale, scale };
}

/** The stored bytes of a weight. */
export async function* quantizeChunks(
  chunks: FloatChunks,
  quantization: Quantization,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of chunks()) {
    const floats = toFloats(chunk);
    const stored =
      quantization.dtype === 'float16' ? toHalves(floats) : toLevels(floats, quantization);
    yield new Uint8Array(stored.buffer);
  }
}

/** Converts stored bytes back to float32 bytes, as tfjs does. */
export function dequantizeChunk(
  chunk: Uint8Array,
  quantization: Exclude<Quantization, { dtype: 'float16' }>,
): Uint8Array {
  const { min, scale, dtype } = quantization;
  const stored = dtype === 'uint8' ? chunk : new Uint16Array(chunk.slice().buffer);
  const floats = Float32Array.from(stored, (level) => level * scale + min);
  return new Uint8Array(floats.buffer);
}

function toFloats(chunk: Uint8Array): Float32Array {
  const aligned = chunk.byteOffset % 4 === 0 ? chunk : chunk.slice();
  return new Float32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 4);
}

function toLevels(
  floats: Float32Array,
  quantization: Exclude<Quantization, { dtype: 'float16' }>,
): Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer> {
  const { dtype, min, scale } = quantization;
  const levels = dtype === 'uint8' ? new Uint8Array(floats.length) : new Uint16Array(floats.length);
  const last = LEVELS[dtype];
  for (let index = 0; index < floats.length; index++) {
    const level = Math.round((floats[index]! - min) / scale);
    levels[index] = Math.min(last, Math.max(0, level));
  }
  return levels;
}

function toHalves(floats: Float32Array): Uint16Array<ArrayBuffer> {
  const bits = new Uint32Array(floats.buffer, floats.byteOffset, floats.length);
  const halves = new Uint16Array(floats.length);
  for (let index = 0; index < floats.length; index++) halves[index] = roundToHalf(bits[index]!);
  return halves;
}

/** Rounds the bits of a finite float32 to those of the nearest half-precision number, ties to even. */
function roundToHalf(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  // 2^-14 is the smallest normal half-precision number.
  if (magnitude >= 0x38800000) {
    const rounded = magnitude + 0xfff + ((magnitude >>> 13) & 1);
    return sign | ((rounded - 0x38000000) >>> 13);
  }
  // Subnormal half-precision numbers are multiples of 2^-24.
  const exponent = magnitude >>> 23;
  const shift = 126 - exponent;
  if (shift > 24) return sign;
  const fraction = (magnitude & 0x7fffff) | 0x800000;
  const half = fraction >>> shift;
  const rest = fraction & ((1 << shift) - 1);
  const middle = 1 << (shift - 1);
  const up = rest > middle || (rest === middle && (half & 1) === 1);
  return sign | (half + (up ? 1 : 0));
}
