/**
 * Writes one message of the Protocol Buffers wire format, field by field.
 *
 * Everything is written into one buffer that grows, except long bytes fields, which are weights and are not
 * copied. One array for each of a graph's ten thousand numbers and names took 30 ms for ResNet-50, mostly
 * for garbage collection.
 *
 * @see https://protobuf.dev/programming-guides/encoding/
 */
export interface MessageWriter {
  /** A field of varint type. A negative number takes ten bytes, as an int64 does. */
  integer(field: number, value: number | bigint): void;
  /** A field of float type, four bytes little-endian. */
  float(field: number, value: number): void;
  /** A field of string type, UTF-8. */
  text(field: number, text: string): void;
  /** A field of bytes. Long arrays are not copied. */
  bytes(field: number, bytes: Uint8Array): void;
  /** A field that is itself a message, whose fields `write` writes. */
  message(field: number, write: () => void): void;
  /** Fields that are encoded already. Long arrays are not copied. */
  encoded(fields: Uint8Array): void;
  /** The message in pieces, in order. */
  finish(): Pieces;
}

/** Encoded bytes, in order. Weights are pieces of their own. */
export type Pieces = readonly Uint8Array[];

/** A bytes field from this size on becomes a piece of its own. */
const OWN_PIECE = 4096;

const FIRST_BYTES = 2 ** 16;

/** The most bytes that a varint takes. */
const LONGEST_VARINT = 10;

const encoder = new TextEncoder();

export function createMessageWriter(): MessageWriter {
  let buffer = new Uint8Array(FIRST_BYTES);
  let length = 0;
  /** Bytes that became pieces of their own, and the place in the buffer where each belongs. */
  const own: { at: number; readonly piece: Uint8Array }[] = [];
  let ownBytes = 0;

  const reserve = (count: number): void => {
    if (length + count <= buffer.length) return;
    const larger = new Uint8Array(Math.max(2 * buffer.length, length + count));
    larger.set(buffer.subarray(0, length));
    buffer = larger;
  };
  const putVarint = (value: number | bigint): void => {
    reserve(LONGEST_VARINT);
    length = encodeVarint(value, buffer, length);
  };
  const putBytes = (bytes: Uint8Array): void => {
    reserve(bytes.length);
    buffer.set(bytes, length);
    length += bytes.length;
  };
  const putPiece = (bytes: Uint8Array): void => {
    if (bytes.length < OWN_PIECE) {
      putBytes(bytes);
      return;
    }
    own.push({ at: length, piece: bytes });
    ownBytes += bytes.length;
  };
  return {
    integer(field, value) {
      putVarint(field << 3);
      putVarint(value);
    },
    float(field, value) {
      putVarint((field << 3) | 5);
      reserve(4);
      new DataView(buffer.buffer).setFloat32(length, value, true);
      length += 4;
    },
    text(field, text) {
      putVarint((field << 3) | 2);
      const encoded = encoder.encode(text);
      putVarint(encoded.length);
      putBytes(encoded);
    },
    bytes(field, bytes) {
      putVarint((field << 3) | 2);
      putVarint(bytes.length);
      putPiece(bytes);
    },
    encoded: putPiece,
    message(field, write) {
      putVarint((field << 3) | 2);
      const [start, ownStart, ownBefore] = [length, own.length, ownBytes];
      write();
      // The length goes before the message, so the bytes of the message move up.
      const prefix = new Uint8Array(LONGEST_VARINT);
      const size = encodeVarint(length - start + ownBytes - ownBefore, prefix, 0);
      reserve(size);
      buffer.copyWithin(start + size, start, length);
      buffer.set(prefix.subarray(0, size), start);
      length += size;
      for (const moved of own.slice(ownStart)) moved.at += size;
    },
    finish() {
      const pieces: Uint8Array[] = [];
      let from = 0;
      for (const { at, piece } of own) {
        pieces.push(buffer.subarray(from, at), piece);
        from = at;
      }
      return [...pieces, buffer.subarray(from, length)].filter(({ length }) => length > 0);
    },
  };
}

/** The pieces as one array. */
export function concatenate(pieces: Pieces): Uint8Array {
  const joined = new Uint8Array(countBytes(pieces));
  let offset = 0;
  for (const piece of pieces) {
    joined.set(piece, offset);
    offset += piece.byteLength;
  }
  return joined;
}

/** Length of all pieces together. */
export function countBytes(pieces: Pieces): number {
  let bytes = 0;
  for (const piece of pieces) bytes += piece.byteLength;
  return bytes;
}

/** @returns the offset of the first byte after the varint. */
function encodeVarint(value: number | bigint, target: Uint8Array, at: number): number {
  if (typeof value === 'bigint' || value < 0) {
    return encodeWide(BigInt.asUintN(64, BigInt(value)), target, at);
  }
  let rest = value;
  // Divided and not shifted, because a shift would cut the number to 32 bits.
  for (; rest >= 128; rest = Math.floor(rest / 128)) target[at++] = (rest % 128) | 0x80;
  target[at++] = rest;
  return at;
}

function encodeWide(value: bigint, target: Uint8Array, at: number): number {
  let rest = value;
  for (; rest >= 128n; rest >>= 7n) target[at++] = Number(rest & 0x7fn) | 0x80;
  target[at++] = Number(rest);
  return at;
}
