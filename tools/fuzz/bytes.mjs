// @ts-check

/**
 * Joins arrays of bytes.
 *
 * @param {...Uint8Array} parts
 */
export function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/**
 * Returns `bytes` with the range [start, end) replaced by `inserted`.
 *
 * @param {Uint8Array} bytes
 * @param {number} start
 * @param {number} end
 * @param {Uint8Array} inserted
 */
export function replaceRange(bytes, start, end, inserted) {
  return concat(bytes.subarray(0, start), inserted, bytes.subarray(Math.max(start, end)));
}

/**
 * Encodes an unsigned number in 1 to 8 bytes. Higher bits are dropped.
 *
 * @param {bigint | number} value
 * @param {number} size
 * @param {boolean} little
 */
export function encodeUint(value, size, little) {
  const bytes = new Uint8Array(size);
  let rest = BigInt.asUintN(64, BigInt(value));
  for (let i = 0; i < size; i++) {
    bytes[little ? i : size - 1 - i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return bytes;
}

/**
 * @param {Uint8Array} bytes
 * @param {number} at
 * @param {number} size 1 to 8
 * @param {boolean} little
 */
export function decodeUint(bytes, at, size, little) {
  let value = 0n;
  for (let i = 0; i < size; i++) {
    value = (value << 8n) | BigInt(bytes[little ? at + size - 1 - i : at + i] ?? 0);
  }
  return value;
}

/** @param {bigint | number} value unsigned, or negative as 64 bits */
export function encodeVarint(value) {
  const bytes = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}

/**
 * @param {Uint8Array} bytes
 * @param {number} at
 * @returns {{ value: bigint, end: number }}
 * @throws RangeError if the number does not end
 */
export function decodeVarint(bytes, at) {
  let value = 0n;
  for (let i = 0; i < 10; i++) {
    const byte = bytes[at + i];
    if (byte === undefined) break;
    value |= BigInt(byte & 127) << BigInt(7 * i);
    if (byte < 128) return { value: BigInt.asUintN(64, value), end: at + i + 1 };
  }
  throw new RangeError('no varint');
}

/** @param {string} text bytes as characters 0..255 */
export function latin1(text) {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** @param {Uint8Array} bytes */
export function toLatin1(bytes) {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

/** @param {string} text */
export function utf8(text) {
  return new TextEncoder().encode(text);
}
