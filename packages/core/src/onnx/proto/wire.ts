/**
 * Protocol Buffers wire format, writing only.
 *
 * Encoded bytes come in pieces, in order: weights stand in pieces of their own and are never copied
 * while the messages around them are put together.
 *
 * @see https://protobuf.dev/programming-guides/encoding/
 */
export type Chunk = readonly Uint8Array[];

const encoder = new TextEncoder();

/** Pieces from this size on stay as they are; smaller neighbours are put together. */
const OWN_PIECE = 4096;

/** A field of varint type; negative numbers take ten bytes, as int64 does. */
export function writeInteger(field: number, value: number | bigint): Chunk {
  return joinChunks([encodeVarint(field << 3), encodeVarint(value)]);
}

/** A field of float type, four bytes little-endian. */
export function writeFloat(field: number, value: number): Chunk {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return joinChunks([encodeVarint((field << 3) | 5), [bytes]]);
}

/** A field of bytes, or of a message that is encoded already. */
export function writeBytes(field: number, bytes: Chunk): Chunk {
  const tag = encodeVarint((field << 3) | 2);
  return joinChunks([tag, encodeVarint(countBytes(bytes)), bytes]);
}

/** A field of string type, UTF-8. */
export function writeText(field: number, text: string): Chunk {
  return writeBytes(field, [encoder.encode(text)]);
}

/** A message from its encoded fields. */
export function joinChunks(chunks: readonly Chunk[]): Chunk {
  const joined: Uint8Array[] = [];
  let small: Uint8Array[] = [];
  const finishSmall = (): void => {
    if (small.length > 0) joined.push(concatenate(small));
    small = [];
  };
  for (const chunk of chunks) {
    for (const piece of chunk) {
      if (piece.byteLength < OWN_PIECE) {
        small.push(piece);
        continue;
      }
      finishSmall();
      joined.push(piece);
    }
  }
  finishSmall();
  return joined;
}

/** The pieces as one array. */
export function concatenate(pieces: Chunk): Uint8Array {
  const [only, ...others] = pieces;
  if (only !== undefined && others.length === 0) return only;
  const joined = new Uint8Array(countBytes(pieces));
  let offset = 0;
  for (const piece of pieces) {
    joined.set(piece, offset);
    offset += piece.byteLength;
  }
  return joined;
}

/** Length of all pieces together. */
export function countBytes(pieces: Chunk): number {
  let bytes = 0;
  for (const piece of pieces) bytes += piece.byteLength;
  return bytes;
}

function encodeVarint(value: number | bigint): Chunk {
  // A graph has some ten thousand of them, nearly all small.
  if (typeof value === 'number' && value >= 0 && value < 128) return [Uint8Array.of(value)];
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest === 0n ? low : low | 0x80);
  } while (rest !== 0n);
  return [Uint8Array.from(bytes)];
}
