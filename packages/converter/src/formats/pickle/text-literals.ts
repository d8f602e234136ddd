/** The escaped strings of pickle protocol 0. */

const SIMPLE_ESCAPES: Readonly<Record<string, number>> = {
  n: 0x0a,
  r: 0x0d,
  t: 0x09,
  a: 0x07,
  b: 0x08,
  f: 0x0c,
  v: 0x0b,
  '\\': 0x5c,
  "'": 0x27,
  '"': 0x22,
};

/** The bytes of a quoted Python string literal (STRING); `undefined` when it is none. */
export function parseStringLiteral(line: string): Uint8Array | undefined {
  const quote = line[0];
  const closed = line.length >= 2 && (quote === "'" || quote === '"') && line.endsWith(quote);
  if (!closed) return undefined;
  const bytes = new Uint8Array(line.length);
  let length = 0;
  for (let index = 1; index < line.length - 1; index++) {
    let byte = line.charCodeAt(index);
    if (line[index] === '\\') {
      const next = line[index + 1] ?? '';
      const simple = Object.hasOwn(SIMPLE_ESCAPES, next) ? SIMPLE_ESCAPES[next] : undefined;
      const digits = /^x([0-9a-fA-F]{2})/.exec(line.slice(index + 1, index + 4))?.[1];
      if (simple === undefined && digits === undefined) return undefined;
      byte = simple ?? Number.parseInt(digits ?? '0', 16);
      index += simple === undefined ? 3 : 1;
    }
    bytes[length++] = byte;
  }
  return bytes.subarray(0, length);
}

/** The text of a raw-unicode-escape line (UNICODE): only \uXXXX and \UXXXXXXXX are escapes. */
export function parseUnicodeLiteral(line: string): string {
  return line.replace(/\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})/g, (found, short, long) => {
    const code = Number.parseInt(short ?? long, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : found;
  });
}
