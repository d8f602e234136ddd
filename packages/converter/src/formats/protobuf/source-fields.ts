import { SourceReader } from '../../bytes/source-reader.ts';
import { createMemorySource, sliceSource, type RandomAccessSource } from '../../bytes/source.ts';
import { WIRE_TYPES } from './wire.ts';

/** Fields of bytes up to this size are read at once; of a larger one only the place is told. */
const READ_BYTES = 32 * 1024;

/** A field of a message that is not in memory. */
export type SourceField =
  | { readonly number: number; readonly kind: 'varint'; readonly value: bigint }
  | { readonly number: number; readonly kind: 'fixed' }
  | {
      readonly number: number;
      readonly kind: 'bytes';
      /** The bytes, if they are few. */
      readonly bytes: Uint8Array | null;
      readonly content: RandomAccessSource;
    };

/**
 * Iterates over the fields of a message that may be larger than memory, in the order of the file. Large
 * fields, such as the values of weights, are passed over.
 *
 * @throws FormatError for a field that reaches beyond the end of the message.
 */
export async function* readSourceFields(
  message: RandomAccessSource,
): AsyncGenerator<SourceField, void, undefined> {
  const reader = new SourceReader(message, 'protobuf');
  while (reader.remaining > 0) {
    if (reader.isShort(20)) await reader.need(20);
    const tag = reader.readVarint();
    const number = Math.floor(tag / 8);
    if (number === 0) throw reader.fail('field number 0');
    switch (tag % 8) {
      case WIRE_TYPES.varint:
        yield { number, kind: 'varint', value: reader.readVarint64() };
        break;
      case WIRE_TYPES.fixed64:
      case WIRE_TYPES.fixed32:
        reader.skip(tag % 8 === WIRE_TYPES.fixed64 ? 8 : 4);
        yield { number, kind: 'fixed' };
        break;
      case WIRE_TYPES.bytes: {
        const length = reader.readVarint();
        if (length > reader.remaining) {
          throw reader.fail(`expected ${length} more bytes, found ${reader.remaining}`);
        }
        if (length > READ_BYTES) {
          const content = sliceSource(message, reader.position, length);
          reader.skip(length);
          yield { number, kind: 'bytes', bytes: null, content };
          break;
        }
        if (reader.isShort(length)) await reader.need(length);
        // A copy, so that a few bytes that are kept do not keep the window around them.
        const bytes = reader.readBytes(length).slice();
        yield { number, kind: 'bytes', bytes, content: createMemorySource(message.name, bytes) };
        break;
      }
      default:
        throw reader.fail(`wire type ${tag % 8}`);
    }
  }
}
