import { SourceReader } from '../../bytes/source-reader.ts';
import { createSequentialSource } from '../../bytes/sequential-source.ts';
import type { RandomAccessSource } from '../../bytes/source.ts';
import { FormatError } from '../../errors.ts';
import { ELEMENT_BYTES, type DType } from '../../tensors/dtype.ts';
import { WIRE_TYPES } from '../protobuf/wire.ts';
import type { SavedSlice } from './saved-slice.ts';
import { TENSOR_CONTENT_FIELD, VALUE_FIELDS, type ValueField } from './value-fields.ts';

const FORMAT = 'tf-checkpoint-v1';
const BATCH_ELEMENTS = 8 * 1024;

/**
 * Makes a source of `count` little-endian elements from a TensorProto that does not store its values in
 * this form: they are varints, unpacked repeated fields, or in several chunks. A single value fills the
 * whole shape.
 */
export function createDecodedSource(
  slice: SavedSlice,
  dtype: DType,
  count: number,
): RandomAccessSource {
  return createSequentialSource({
    name: `${FORMAT}: ${slice.name}`,
    byteLength: count * ELEMENT_BYTES[dtype],
    open: () => fillFromOne(decodeValues(slice, dtype), ELEMENT_BYTES[dtype], count),
  });
}

/** Repeats the value if there is exactly one, which is TensorFlow's rule for short lists of values. */
async function* fillFromOne(
  batches: AsyncGenerator<Uint8Array>,
  elementBytes: number,
  count: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let bytes = 0;
  let last: Uint8Array = new Uint8Array(0);
  for await (const batch of batches) {
    if (batch.length > 0) last = batch;
    bytes += batch.length;
    yield batch;
  }
  if (bytes !== elementBytes) return;
  const repeated = repeatElement(last, Math.min(count - 1, BATCH_ELEMENTS));
  for (let missing = count - 1; missing > 0; missing -= BATCH_ELEMENTS) {
    yield repeated.subarray(0, missing * elementBytes);
  }
}

function repeatElement(element: Uint8Array, times: number): Uint8Array {
  const bytes = new Uint8Array(element.length * Math.max(0, times));
  for (let offset = 0; offset < bytes.length; offset += element.length) bytes.set(element, offset);
  return bytes;
}

/**
 * Decodes the elements of a TensorProto in batches, little-endian, and verifies the checksum of the record.
 */
async function* decodeValues(slice: SavedSlice, dtype: DType): AsyncGenerator<Uint8Array> {
  const field = VALUE_FIELDS[dtype];
  if (field === undefined)
    throw new FormatError(FORMAT, `${slice.name}: the record lists no values for type ${dtype}`);
  const { offset, length } = slice.tensor;
  const reader = new SourceReader(slice.value.openVerified(offset, length), FORMAT);
  while (reader.remaining > 0) {
    await reader.need(20);
    const tag = reader.readVarint();
    const number = Math.floor(tag / 8);
    if (number === 0) throw reader.fail('field number 0');
    const wanted = number === field.number;
    switch (tag % 8) {
      case WIRE_TYPES.varint: {
        const value = reader.readVarint64();
        if (wanted) yield writeElements([value], ELEMENT_BYTES[dtype]);
        break;
      }
      case WIRE_TYPES.fixed64:
      case WIRE_TYPES.fixed32: {
        const bytes = reader.readBytes(tag % 8 === WIRE_TYPES.fixed64 ? 8 : 4);
        if (wanted) yield bytes.slice();
        break;
      }
      case WIRE_TYPES.bytes: {
        const end = reader.readVarint();
        if (wanted || number === TENSOR_CONTENT_FIELD) {
          yield* decodePacked(reader, end, dtype, number === TENSOR_CONTENT_FIELD, field);
        } else {
          reader.skip(end);
        }
        break;
      }
      default:
        throw reader.fail(`wire type ${tag % 8}`);
    }
  }
}

/** Decodes the values of one length-delimited field: raw bytes, numbers of fixed width, or varints. */
async function* decodePacked(
  reader: SourceReader,
  length: number,
  dtype: DType,
  isContent: boolean,
  field: ValueField,
): AsyncGenerator<Uint8Array> {
  if (length > reader.remaining) throw reader.fail(`expected ${length} more bytes`);
  const end = reader.position + length;
  if (isContent || field.fixedBytes > 0) {
    const width = isContent ? ELEMENT_BYTES[dtype] : field.fixedBytes;
    if (length % width !== 0) throw reader.fail(`${length} bytes of ${width}-byte values`);
    while (reader.position < end) {
      const size = Math.min(BATCH_ELEMENTS, end - reader.position);
      await reader.need(size);
      yield reader.readBytes(size).slice();
    }
    return;
  }
  while (reader.position < end) {
    const values: bigint[] = [];
    while (reader.position < end && values.length < BATCH_ELEMENTS) {
      if (reader.isShort(10)) await reader.need(10);
      values.push(reader.readVarint64());
    }
    if (reader.position > end) throw reader.fail('a value reaches beyond the end of its field');
    yield writeElements(values, ELEMENT_BYTES[dtype]);
  }
}

/**
 * Writes the low bytes of each value. They are right for negative integers too, because these are
 * sign-extended.
 */
function writeElements(values: readonly bigint[], elementBytes: number): Uint8Array {
  const bytes = new Uint8Array(values.length * elementBytes);
  const view = new DataView(bytes.buffer);
  values.forEach((value, index) => {
    const offset = index * elementBytes;
    if (elementBytes === 8) {
      view.setBigUint64(offset, value, true);
      return;
    }
    const low = Number(BigInt.asUintN(32, value));
    if (elementBytes === 4) view.setUint32(offset, low, true);
    else if (elementBytes === 2) view.setUint16(offset, low, true);
    else view.setUint8(offset, low);
  });
  return bytes;
}
