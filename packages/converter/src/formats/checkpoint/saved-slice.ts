import { SourceReader } from '../../bytes/source-reader.ts';
import { MAX_NAME_BYTES } from '../../bytes/limits.ts';
import { LimitError } from '../../errors.ts';
import { toText, WIRE_TYPES } from '../protobuf/wire.ts';
import type { TableValue } from '../sstable/read-table.ts';
import { readExtents, type SliceExtent } from './messages.ts';

/**
 * The head of a V1 data record (SavedTensorSlices.data), without its values. Specification:
 * tensorflow/core/util/saved_tensor_slice.proto.
 */
export interface SavedSlice {
  readonly name: string;
  readonly extents: readonly SliceExtent[];
  /** The range of the TensorProto within the record's value. */
  readonly tensor: ByteRange;
  /** The length-delimited fields of the TensorProto, or undefined if it has other fields too. */
  readonly packed: readonly PackedField[] | undefined;
  readonly value: TableValue;
}

/** The bytes [offset, offset + length) of a record's value. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/** A length-delimited field: the packed values, or `tensor_content`. */
export interface PackedField extends ByteRange {
  readonly number: number;
}

const FORMAT = 'tf-checkpoint-v1';
/**
 * Bytes that are read of a record. Its head has a name and two messages of a few bytes; what follows may be
 * hundreds of MB.
 */
const HEAD_BYTES = 512;
/**
 * Most fields that are read. A record has one field, and that field has three; any others would only be
 * skipped.
 */
const MAX_FIELDS = 64;
/** If there are more fields than this, they are decoded one by one. */
const MAX_PACKED_FIELDS = 16;

/** Reads the head of a data record, or returns `undefined` if the record contains no data. */
export async function readSavedSlice(value: TableValue): Promise<SavedSlice | undefined> {
  const outer = await findField(value, { offset: 0, length: value.byteLength }, 2);
  if (outer === undefined) return undefined;
  let name = '';
  let extents: readonly SliceExtent[] = [];
  let tensor: ByteRange = { offset: outer.offset, length: 0 };
  for await (const field of walkFields(value, outer)) {
    if (field.length === undefined) continue;
    if (field.number === 1) name = toText(await readSmall(value, field.offset, field.length));
    if (field.number === 2) {
      extents = readExtents(await readSmall(value, field.offset, field.length));
    }
    if (field.number === 3) tensor = { offset: field.offset, length: field.length };
  }
  return { name, extents, tensor, packed: await readPackedFields(value, tensor), value };
}

async function readPackedFields(
  value: TableValue,
  tensor: ByteRange,
): Promise<PackedField[] | undefined> {
  const packed: PackedField[] = [];
  for await (const { number, offset, length } of walkFields(value, tensor)) {
    if (length === undefined || packed.length === MAX_PACKED_FIELDS) return undefined;
    packed.push({ number, offset, length });
  }
  return packed;
}

async function findField(
  value: TableValue,
  range: ByteRange,
  number: number,
): Promise<ByteRange | undefined> {
  for await (const field of walkFields(value, range)) {
    if (field.number === number && field.length !== undefined) {
      return { offset: field.offset, length: field.length };
    }
  }
  return undefined;
}

interface WalkedField {
  number: number;
  offset: number;
  /** Undefined for fields that are not length-delimited. */
  length: number | undefined;
}

/** Iterates over the fields of a message in a record and skips their contents. */
async function* walkFields(value: TableValue, range: ByteRange): AsyncGenerator<WalkedField> {
  const end = range.offset + range.length;
  const reader = new SourceReader(value.source, FORMAT, range.offset, end, HEAD_BYTES);
  for (let count = 0; reader.remaining > 0; count++) {
    if (count > MAX_FIELDS) throw new LimitError('fields of a record', MAX_FIELDS, count);
    await reader.need(20);
    const tag = reader.readVarint();
    const number = Math.floor(tag / 8);
    if (number === 0) throw reader.fail('field number 0');
    switch (tag % 8) {
      case WIRE_TYPES.varint:
        reader.readVarint64();
        yield { number, offset: reader.position, length: undefined };
        break;
      case WIRE_TYPES.fixed64:
        reader.skip(8);
        yield { number, offset: reader.position, length: undefined };
        break;
      case WIRE_TYPES.fixed32:
        reader.skip(4);
        yield { number, offset: reader.position, length: undefined };
        break;
      case WIRE_TYPES.bytes: {
        const length = reader.readVarint();
        const offset = reader.position;
        reader.skip(length);
        yield { number, offset, length };
        break;
      }
      default:
        throw reader.fail(`wire type ${tag % 8}`);
    }
  }
}

async function readSmall(value: TableValue, offset: number, length: number): Promise<Uint8Array> {
  if (length > MAX_NAME_BYTES) throw new LimitError('name or slice', MAX_NAME_BYTES, length);
  return value.source.read(offset, length);
}
