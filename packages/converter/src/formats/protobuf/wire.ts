import { ByteCursor } from '../../bytes/byte-cursor.ts';

/**
 * The protobuf wire format for messages in memory. It covers only what checkpoints use, so groups are
 * refused. Specification: https://protobuf.dev/programming-guides/encoding/
 */
export type WireField =
  | { readonly number: number; readonly kind: 'varint'; readonly value: bigint }
  | { readonly number: number; readonly kind: 'fixed64'; readonly bytes: Uint8Array }
  | { readonly number: number; readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly number: number; readonly kind: 'fixed32'; readonly value: number };

/** The meaning of the low three bits of a tag. */
export const WIRE_TYPES = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

const FORMAT = 'protobuf';

/** Iterates over the fields of a message in the order of the file. Fields of bytes alias `message`. */
export function* readFields(message: Uint8Array): Generator<WireField> {
  const cursor = new ByteCursor(message, FORMAT);
  while (cursor.remaining > 0) {
    const tag = cursor.readVarint();
    const number = Math.floor(tag / 8);
    if (number === 0) throw cursor.fail('field number 0');
    switch (tag % 8) {
      case WIRE_TYPES.varint:
        yield { number, kind: 'varint', value: cursor.readVarint64() };
        break;
      case WIRE_TYPES.fixed64:
        yield { number, kind: 'fixed64', bytes: cursor.readBytes(8) };
        break;
      case WIRE_TYPES.bytes:
        yield { number, kind: 'bytes', bytes: cursor.readBytes(cursor.readVarint()) };
        break;
      case WIRE_TYPES.fixed32:
        yield { number, kind: 'fixed32', value: cursor.readUint32() };
        break;
      default:
        throw cursor.fail(`wire type ${tag % 8}`);
    }
  }
}

/**
 * Converts a varint to the signed 64-bit integer that it means for int32, int64 and enums. The integer must
 * fit a number.
 */
export function toInteger(value: bigint): number {
  return Number(BigInt.asIntN(64, value));
}

const utf8 = new TextDecoder('utf-8', { fatal: false });

/** Decodes a string field. */
export function toText(bytes: Uint8Array): string {
  return utf8.decode(bytes);
}
