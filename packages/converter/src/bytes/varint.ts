/**
 * Base-128 varints of protobuf and LevelDB tables: seven bits a byte, least significant first.
 * Spec: https://protobuf.dev/programming-guides/encoding/#varints
 */

/** A decoded varint and the offset after it. */
export interface Varint {
  /** Exact up to 2^53. Use {@link readVarint64} if all 64 bits matter. */
  value: number;
  /** Offset of the first byte after the varint. */
  end: number;
}

/**
 * Reads an unsigned varint whose value fits a JavaScript integer.
 *
 * @returns `undefined` if the bytes end inside it, if it is longer than ten bytes, or if it is above 2^53
 */
export function readVarint(bytes: Uint8Array, offset: number): Varint | undefined {
  let value = 0;
  let scale = 1;
  for (let index = 0; index < 10; index++) {
    const byte = bytes[offset + index];
    if (byte === undefined) return undefined;
    // The code multiplies, because shifts are limited to 32 bits and offsets can pass 2^31.
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) {
      return Number.isSafeInteger(value) ? { value, end: offset + index + 1 } : undefined;
    }
    scale *= 128;
  }
  return undefined;
}

/**
 * Reads all 64 bits of a varint as an unsigned bigint. It returns `undefined` if the bytes end inside it,
 * or if it is longer than ten bytes.
 */
export function readVarint64(
  bytes: Uint8Array,
  offset: number,
): { value: bigint; end: number } | undefined {
  // Most varints are small, and a bigint for each byte takes ten times as long.
  const short = readVarint(bytes, offset);
  if (short !== undefined) return { value: BigInt(short.value), end: short.end };
  let value = 0n;
  for (let index = 0; index < 10; index++) {
    const byte = bytes[offset + index];
    if (byte === undefined) return undefined;
    value |= BigInt(byte & 0x7f) << BigInt(7 * index);
    if (byte < 0x80) return { value: BigInt.asUintN(64, value), end: offset + index + 1 };
  }
  return undefined;
}

/** The number of bytes of the varint at `offset`; `undefined` if it does not end within ten bytes. */
export function measureVarint(bytes: Uint8Array, offset: number): number | undefined {
  for (let index = 0; index < 10; index++) {
    const byte = bytes[offset + index];
    if (byte === undefined) return undefined;
    if (byte < 0x80) return index + 1;
  }
  return undefined;
}
