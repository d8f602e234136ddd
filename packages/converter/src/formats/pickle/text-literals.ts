/** Decodes the escaped strings of pickle protocol 0. */

const BACKSLASH = 0x5c;
const LETTER_X = 0x78;

const SIMPLE_ESCAPES: ReadonlyMap<string, number> = new Map([
  ['n', 0x0a],
  ['r', 0x0d],
  ['t', 0x09],
  ['a', 0x07],
  ['b', 0x08],
  ['f', 0x0c],
  ['v', 0x0b],
  ['\\', 0x5c],
  ["'", 0x27],
  ['"', 0x22],
]);

/** The bytes of a quoted Python string literal (STRING), or `undefined` if the line is no such literal. */
export function parseStringLiteral(line: string): Uint8Array | undefined {
  const quote = line[0];
  const closed = line.length >= 2 && (quote === "'" || quote === '"') && line.endsWith(quote);
  if (!closed) return undefined;
  const bytes = new Uint8Array(line.length);
  let length = 0;
  for (let index = 1; index < line.length - 1; index++) {
    const code = line.charCodeAt(index);
    if (code !== BACKSLASH) {
      bytes[length++] = code;
      continue;
    }
    const isHex = line.charCodeAt(index + 1) === LETTER_X;
    const byte = isHex ? readHexByte(line, index + 2) : SIMPLE_ESCAPES.get(line[index + 1] ?? '');
    if (byte === undefined) return undefined;
    bytes[length++] = byte;
    index += isHex ? 3 : 1;
  }
  return bytes.subarray(0, length);
}

/**
 * Reads two hexadecimal digits. It uses no regular expression, because the bytes of an array come as
 * millions of escapes.
 */
function readHexByte(line: string, offset: number): number | undefined {
  const high = readHexDigit(line.charCodeAt(offset));
  const low = readHexDigit(line.charCodeAt(offset + 1));
  return high === undefined || low === undefined ? undefined : high * 16 + low;
}

function readHexDigit(code: number): number | undefined {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : undefined;
}

/** Decodes a raw-unicode-escape line (UNICODE), in which only \uXXXX and \UXXXXXXXX are escapes. */
export function parseUnicodeLiteral(line: string): string {
  return line.replace(/\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})/g, (found, short, long) => {
    const code = Number.parseInt(short ?? long, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : found;
  });
}
