/** A chunk of a WebP file. */
export interface WebpChunk {
  /** Four letters: `VP8X`, `EXIF`, `ANMF`, .. */
  readonly name: string;
  /** The chunk's content, as far as the file has it. */
  readonly data: Uint8Array;
}

/** Lists the chunks of a WebP file in their order. Each chunk starts at an even offset (RFC 9649). */
export function* webpChunks(bytes: Uint8Array): Generator<WebpChunk> {
  const [RIFF_HEADER_BYTES, CHUNK_HEADER_BYTES] = [12, 8];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = RIFF_HEADER_BYTES; at + CHUNK_HEADER_BYTES <= view.byteLength;) {
    const size = view.getUint32(at + 4, true);
    const start = at + CHUNK_HEADER_BYTES;
    yield {
      name: String.fromCharCode(...bytes.subarray(at, at + 4)),
      data: bytes.subarray(start, start + size),
    };
    at = start + size + (size % 2);
  }
}
