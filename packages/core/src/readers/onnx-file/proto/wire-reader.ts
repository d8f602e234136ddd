import { GradcamError } from '../../../base/errors.ts';

/**
 * One field of a message of the Protocol Buffers wire format.
 *
 * @see https://protobuf.dev/programming-guides/encoding/
 */
export interface WireField {
  readonly number: number;
  /** The value of a varint as int64, exact up to 2^53 and the nearest double beyond; 0 for other fields. */
  readonly integer: number;
  /** The bytes of a text, message, packed list or fixed number of 4 or 8 bytes: a view, not a copy. */
  readonly bytes: Uint8Array;
  /** Whether it is length-delimited: a text, a message or a packed list. */
  readonly isLong: boolean;
}

/** The wire types of fields. */
const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** Most bytes of a varint. */
const LONGEST_VARINT = 10;

const nothing = new Uint8Array(0);

/**
 * Counts everything that is read, so that a file of two-byte messages does not become millions of objects.
 */
export interface ItemCounter {
  count(items: number): void;
}

/**
 * Reads the fields of one message in order. Lengths are checked against the bytes that are there; nothing is
 * copied.
 *
 * @param what names the message in errors.
 * @throws GradcamError `model` for bytes that are not a message.
 */
export function* readFields(bytes: Uint8Array, what: string): Generator<WireField> {
  const at = { place: 0 };
  while (at.place < bytes.length) {
    const tag = readVarint(bytes, at, what);
    const number = Math.floor(tag / 8);
    const wire = tag % 8;
    if (!(number >= 1 && number < 2 ** 29)) throw broken(what, at.place, 'a field number');
    if (wire === WIRE.varint) {
      yield { number, integer: readVarint(bytes, at, what), bytes: nothing, isLong: false };
      continue;
    }
    const length =
      wire === WIRE.bytes
        ? readVarint(bytes, at, what)
        : wire === WIRE.fixed32
          ? 4
          : wire === WIRE.fixed64
            ? 8
            : -1;
    if (length < 0) throw broken(what, at.place, 'a field of a kind that ONNX has');
    if (length > bytes.length - at.place) {
      throw broken(what, at.place, `${length} bytes, where ${bytes.length - at.place} are left`);
    }
    const start = at.place;
    at.place += length;
    const isLong = wire === WIRE.bytes;
    yield { number, integer: 0, bytes: bytes.subarray(start, at.place), isLong };
  }
}

/**
 * The varints of a list that is packed into one field, or the single varint of a field.
 *
 * @param limit most integers of the list.
 */
export function readIntegers(field: WireField, what: string, limit: number): number[] {
  if (!field.isLong) return [field.integer];
  const found: number[] = [];
  const at = { place: 0 };
  while (at.place < field.bytes.length) {
    if (found.length === limit) throw broken(what, at.place, `at most ${limit} integers`);
    found.push(readVarint(field.bytes, at, what));
  }
  return found;
}

/** Reads text; bytes that are not UTF-8 become replacement characters. */
export function readText({ bytes }: WireField): string {
  return decoder.decode(bytes);
}

/** The number of a field of type float. */
export function readFloat({ bytes }: WireField): number {
  return bytes.length === 4
    ? new DataView(bytes.buffer, bytes.byteOffset, 4).getFloat32(0, true)
    : NaN;
}

const decoder = new TextDecoder();

/** A signed integer of 64 bits, as the nearest double beyond 2^53. */
function readVarint(bytes: Uint8Array, at: { place: number }, what: string): number {
  let low = 0;
  let high = 0;
  for (let i = 0; i < LONGEST_VARINT; i++) {
    const byte = bytes[at.place];
    if (byte === undefined) throw broken(what, at.place, 'more bytes of a number');
    at.place += 1;
    const bits = byte & 0x7f;
    if (i < 4) low |= bits << (7 * i);
    else if (i === 4) {
      low |= bits << 28;
      high |= bits >> 4;
    } else high |= bits << (7 * i - 32);
    if (byte < 0x80) return high * 2 ** 32 + (low >>> 0);
  }
  throw broken(what, at.place, `a number of at most ${LONGEST_VARINT} bytes`);
}

function broken(what: string, place: number, expected: string): GradcamError {
  return new GradcamError(
    'model',
    `${what} is damaged at its byte ${place}: expected ${expected}; it is not an ONNX file, or was not downloaded whole`,
  );
}
