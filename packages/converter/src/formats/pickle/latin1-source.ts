import { FormatError } from '../../errors.ts';
import { checkRange, type RandomAccessSource } from '../../bytes/source.ts';

/** The number of encoded bytes that are decoded in one step. */
const STEP_BYTES = 256 * 1024;

/** A place where decoding can start. */
interface Checkpoint {
  readonly encoded: number;
  readonly decoded: number;
}

/**
 * A source of bytes that a pickle stores as latin1 text in UTF-8, where each byte from 0x80 on takes two.
 * The source remembers a checkpoint every 256 KiB, so that reading backwards need not decode from the
 * start.
 *
 * @param byteLength decoded length in bytes; the encoded text must have exactly this length
 */
export function createLatin1Source(
  encoded: RandomAccessSource,
  byteLength: number,
): RandomAccessSource {
  const checkpoints: Checkpoint[] = [{ encoded: 0, decoded: 0 }];

  /** Decodes one step and remembers where the next one starts. */
  async function decodeStep(from: Checkpoint): Promise<{ bytes: Uint8Array; next: Checkpoint }> {
    const length = Math.min(STEP_BYTES, encoded.byteLength - from.encoded);
    if (length === 0) throw failLength(encoded.name, from.decoded, byteLength);
    const text = await encoded.read(from.encoded, length);
    const { bytes, used } = decodeUtf8Latin1(text);
    if (used === 0) throw new FormatError('pickle', 'array text ends inside a character');
    const next = { encoded: from.encoded + used, decoded: from.decoded + bytes.length };
    if (next.decoded > (checkpoints.at(-1)?.decoded ?? 0)) checkpoints.push(next);
    return { bytes, next };
  }

  const source: RandomAccessSource = {
    name: encoded.name,
    byteLength,
    async read(offset, length) {
      checkRange(source, offset, length);
      const result = new Uint8Array(length);
      let place = findCheckpoint(checkpoints, offset);
      for (let used = 0; used < length;) {
        const { bytes, next } = await decodeStep(place);
        const from = offset + used - place.decoded;
        const part = bytes.subarray(from, Math.max(from, 0) + length - used);
        if (from < bytes.length) {
          result.set(part, used);
          used += part.length;
        }
        if (next.decoded > byteLength) throw failLength(encoded.name, next.decoded, byteLength);
        const ended = next.encoded === encoded.byteLength;
        if (ended !== (next.decoded === byteLength)) {
          throw failLength(encoded.name, next.decoded, byteLength);
        }
        place = next;
      }
      return result;
    },
  };
  return source;
}

/**
 * Decodes UTF-8 whose characters go up to U+00FF. `used` counts the bytes decoded: a character that is cut
 * off at the end is left out.
 */
export function decodeUtf8Latin1(text: Uint8Array): { bytes: Uint8Array; used: number } {
  const bytes = new Uint8Array(text.length);
  let length = 0;
  let used = 0;
  while (used < text.length) {
    const first = text[used]!;
    if (first < 0x80) {
      bytes[length++] = first;
      used += 1;
      continue;
    }
    const second = text[used + 1];
    if (second === undefined) break;
    // C2 and C3 start the characters U+0080 to U+00FF.
    if ((first !== 0xc2 && first !== 0xc3) || (second & 0xc0) !== 0x80) {
      throw new FormatError(
        'pickle',
        `expected array text in latin1, found byte 0x${first.toString(16)}`,
      );
    }
    bytes[length++] = ((first & 0x03) << 6) | (second & 0x3f);
    used += 2;
  }
  return { bytes: bytes.subarray(0, length), used };
}

function findCheckpoint(checkpoints: readonly Checkpoint[], offset: number): Checkpoint {
  let low = 0;
  let high = checkpoints.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((checkpoints[middle]?.decoded ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return checkpoints[low] ?? { encoded: 0, decoded: 0 };
}

function failLength(name: string, found: number, wanted: number): FormatError {
  return new FormatError(
    'pickle',
    `array text in ${name}: expected ${wanted} bytes, found ${found}`,
  );
}
