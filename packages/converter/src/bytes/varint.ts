/**
 * Base-128 varints of protobuf and LevelDB tables: seven bits a byte, least significant first.
 * Spec: https://protobuf.dev/programming-guides/encoding/#varints
 */

/** A decoded varint and the offset after it. */
export interface Varint {
  /** Exact up to 2^53; use {@link readVarint64} where all 64 bits matter. */
  value: number;
  /** Offset of the first byte after the varint. */
  end: number;
}

/**
 * Reads an unsigned varint whose value fits a JavaScript integer.
 *
 * @returns `undefined` when the bytes end inside it, it is longer than ten bytes, or over 2^53
 */
export function readVarint(bytes: Uint8Array, offset: number): Varint | undefined {
  let value = 0;
  let scale = 1;
  for (let index = 0; index < 10; index++) {
    const byte = bytes[offset + index];
    if (byte === undefined) return undefined;
    // Multiplication, because shifts end at 32 bits and offsets pass 2^31.
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) {
      return Number.isSafeInteger(value) ? { value, end: offset + index + 1 } : undefined;
    }
    scale *= 128;
  }
  return undefined;
}

/** Reads all 64 bits of a varint as an unsigned bigint; `undefined` as {@link readVarint}. */
export function readVarint64(
  bytes: Uint8Array,
  offset: number,
): { value: bigint; end: number } | undefined {
  // Most are small, and a bigint for each byte takes ten times as long.
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

/** Number of bytes in a varint starting at `offset`; `undefined` when it does not end within ten. */
export function measureVarint(bytes: Uint8Array, offset: number): number | undefined {
  for (let index = 0; index < 10; index++) {
    const byte = bytes[offset + index];
    if (byte === undefined) return undefined;
    if (byte < 0x80) return index + 1;
  }
  return undefined;
}
