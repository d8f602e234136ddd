/**
 * Protocol Buffers wire format, writing only.
 *
 * @see https://protobuf.dev/programming-guides/encoding/
 */
export type Chunk = Uint8Array;

/** A field of varint type; negative numbers take ten bytes, as int64 does. */
export function writeInteger(field: number, value: number | bigint): Chunk {
  return joinChunks([encodeVarint(BigInt(field << 3)), encodeVarint(BigInt(value))]);
}

/** A field of float type, four bytes little-endian. */
export function writeFloat(field: number, value: number): Chunk {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return joinChunks([encodeVarint(BigInt((field << 3) | 5)), bytes]);
}

/** A field of bytes, or of a message that is encoded already. */
export function writeBytes(field: number, bytes: Chunk): Chunk {
  const tag = encodeVarint(BigInt((field << 3) | 2));
  return joinChunks([tag, encodeVarint(BigInt(bytes.byteLength)), bytes]);
}

/** A field of string type, UTF-8. */
export function writeText(field: number, text: string): Chunk {
  return writeBytes(field, new TextEncoder().encode(text));
}

/** A message from its encoded fields. */
export function joinChunks(chunks: readonly Chunk[]): Chunk {
  const joined = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0));
  let offset = 0;
  for (const chunk of chunks) {
    joined.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return joined;
}

function encodeVarint(value: bigint): Chunk {
  let rest = BigInt.asUintN(64, value);
  const bytes: number[] = [];
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest === 0n ? low : low | 0x80);
  } while (rest !== 0n);
  return Uint8Array.from(bytes);
}
