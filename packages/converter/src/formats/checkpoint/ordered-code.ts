import type { SliceExtent } from './messages.ts';

/**
 * Makes the key of a slice in the order-preserving code of tensorflow/core/lib/strings/ordered_code.cc. As
 * EncodeTensorNameSlice writes it, the key has the parts 0, name, rank, and for each dimension start and
 * length.
 */
export function encodeSliceKey(name: string, extents: readonly SliceExtent[]): Uint8Array {
  const bytes = [...encodeNumber(0), ...encodeString(name), ...encodeNumber(extents.length)];
  for (const { start, length } of extents) {
    bytes.push(...encodeSigned(start), ...encodeSigned(length));
  }
  return Uint8Array.from(bytes);
}

/** WriteNumIncreasing: the number of significant bytes, followed by these bytes, big-endian. */
function encodeNumber(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return [bytes.length, ...bytes];
}

/** WriteString: the bytes 00 and ff are escaped, and 00 01 ends the string. */
function encodeString(text: string): number[] {
  const bytes = [...new TextEncoder().encode(text)].flatMap((byte) => {
    if (byte === 0x00) return [0x00, 0xff];
    return byte === 0xff ? [0xff, 0x00] : [byte];
  });
  return [...bytes, 0x00, 0x01];
}

/** WriteSignedNumIncreasing: n bytes hold 7n - 1 bits, and the leading bits state n. */
function encodeSigned(value: number): number[] {
  const magnitude = BigInt(value < 0 ? -value - 1 : value);
  let length = 1;
  while (magnitude >= 1n << BigInt(7 * length - 1)) length++;
  const bits = BigInt.asUintN(8 * length, BigInt(value));
  const bytes = Array.from({ length }, (_, index) =>
    Number((bits >> BigInt(8 * (length - 1 - index))) & 0xffn),
  );
  // The header consists of `length` one-bits from the top of the first byte. For numbers below 2^48, length
  // is at most 7.
  bytes[0] = (bytes[0] ?? 0) ^ ((0xff00 >> length) & 0xff);
  return bytes;
}
