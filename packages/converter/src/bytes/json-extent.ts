/** The size of a JSON text, counted without parsing it. */
export interface JsonExtent {
  /** The deepest nesting of lists and objects. */
  readonly depth: number;
  /** Number of names and values, or slightly more. */
  readonly values: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPENING: ReadonlySet<number> = new Set([0x5b, 0x7b]);
const CLOSING: ReadonlySet<number> = new Set([0x5d, 0x7d]);

/**
 * Counts levels and values in one pass over the UTF-8 bytes. The counts of bytes that are not JSON mean
 * nothing; the parser reports those.
 *
 * Core has the same file (`readers/json-extent.ts`), because neither package may import the other.
 */
export function measureJson(text: Uint8Array): JsonExtent {
  let depth = 0;
  let deepest = 0;
  let values = 1;
  for (let index = 0; index < text.length; index++) {
    const byte = text[index]!;
    if (byte === QUOTE) {
      for (index++; index < text.length && text[index] !== QUOTE; index++) {
        if (text[index] === BACKSLASH) index++;
      }
    } else if (byte === COMMA || byte === COLON) {
      values++;
    } else if (OPENING.has(byte)) {
      values++;
      depth++;
      deepest = Math.max(deepest, depth);
    } else if (CLOSING.has(byte)) {
      depth--;
    }
  }
  return { depth: deepest, values };
}
