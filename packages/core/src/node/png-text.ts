import { crc32 } from 'node:zlib';

/** Bytes of a PNG's signature and its first chunk, IHDR: 8, and 4 + 4 + 13 + 4. */
const HEAD_LENGTH = 33;

/** A keyword has printable Latin-1 characters, and no spaces at its ends. */
const KEYWORD = /^(?! )[ -~\u00a1-\u00ff]{1,79}(?<! )$/;

/**
 * Puts texts into a PNG, in chunks after its header. ASCII goes into `tEXt`; all other text goes into
 * `iTXt` as UTF-8, because `tEXt` is Latin-1, which many readers misread as UTF-8. The pixels do not
 * change.
 *
 * @param png a whole PNG file.
 * @param texts texts by keyword.
 * @throws RangeError for a keyword that PNG does not allow.
 * @see PNG specification (third edition), 11.3.3
 */
export function addPngText(
  png: Uint8Array,
  texts: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  const chunks = Object.entries(texts).map(([keyword, text]) => textChunk(keyword, text));
  return Buffer.concat([png.subarray(0, HEAD_LENGTH), ...chunks, png.subarray(HEAD_LENGTH)]);
}

function textChunk(keyword: string, text: string): Buffer {
  if (!KEYWORD.test(keyword)) throw new RangeError(`PNG text: keyword '${keyword}' is not allowed`);
  const key = Buffer.from(`${keyword}\0`, 'latin1');
  if (isAscii(text)) return writeChunk('tEXt', [key, Buffer.from(text, 'latin1')]);
  // Not compressed, compression method 0, no language and no translated keyword.
  const flags = Buffer.from([0, 0, 0, 0]);
  return writeChunk('iTXt', [key, flags, Buffer.from(text.replaceAll('\0', ' '), 'utf8')]);
}

/** Whether a text has printable ASCII characters and line feeds only. */
function isAscii(text: string): boolean {
  return /^[\n -~]*$/.test(text);
}

function writeChunk(type: string, parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), ...parts]);
  const chunk = Buffer.alloc(body.length + 8);
  chunk.writeUInt32BE(body.length - 4, 0);
  body.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(body), body.length + 4);
  return chunk;
}
