import { MAX_ATTRIBUTE_ITEMS, MAX_RANK } from '../../bytes/limits.ts';
import { ByteCursor } from '../../bytes/byte-cursor.ts';
import { LimitError } from '../../errors.ts';
import { readFields, toInteger, toText, type WireField } from '../protobuf/wire.ts';
import { nameType } from './type-names.ts';

/**
 * An attribute of a node in the JSON form of Protocol Buffers: an object with one key, such as `{"i": "3"}`.
 * Integers of 64 bits are texts, bytes are base64.
 */
export type Attribute = Readonly<Record<string, unknown>>;

/** A dimension of -1 is open. */
export interface ShapeJson {
  readonly dim?: readonly { readonly size: string }[];
  readonly unknownRank?: true;
}

/**
 * Reads an AttrValue (tensorflow/core/framework/attr_value.proto). Tensors are not read here. A function is
 * `{"func": {"name": ..}}`, and an attribute that the caller of a function states is `{"placeholder": ..}`.
 *
 * @throws FormatError, LimitError
 */
export function readAttribute(message: Uint8Array): Attribute {
  let found: Attribute = {};
  for (const field of readFields(message)) {
    if (field.number === 1 && field.kind === 'bytes') found = { list: readList(field.bytes) };
    else if (field.number === 9 && field.kind === 'bytes') {
      found = { placeholder: toText(field.bytes) };
    } else {
      const key = KEYS.get(field.number);
      if (key !== undefined) found = { [key]: readItem(key, field) };
    }
  }
  return found;
}

/** The fields of an AttrValue. Those of a list are the same from 2 to 7, and 9 is a function. */
const KEYS: ReadonlyMap<number, string> = new Map([
  [2, 's'],
  [3, 'i'],
  [4, 'f'],
  [5, 'b'],
  [6, 'type'],
  [7, 'shape'],
  [10, 'func'],
]);

function readList(message: Uint8Array): Readonly<Record<string, readonly unknown[]>> {
  const lists: Record<string, unknown[]> = {};
  let count = 0;
  for (const field of readFields(message)) {
    const key = field.number === 9 ? 'func' : KEYS.get(field.number);
    if (key === undefined) continue;
    const isPacked = field.kind === 'bytes' && ['i', 'f', 'b', 'type'].includes(key);
    const items = isPacked ? readPacked(key, field.bytes) : [readItem(key, field)];
    count += items.length;
    if (count > MAX_ATTRIBUTE_ITEMS) {
      throw new LimitError('values of one attribute', MAX_ATTRIBUTE_ITEMS, count);
    }
    lists[key] = [...(lists[key] ?? []), ...items];
  }
  return lists;
}

function readPacked(key: string, bytes: Uint8Array): unknown[] {
  const cursor = new ByteCursor(bytes, 'protobuf');
  const items: unknown[] = [];
  while (cursor.remaining > 0) {
    items.push(
      key === 'f' ? toFloat(cursor.readUint32()) : toScalar(key, toInteger(cursor.readVarint64())),
    );
    if (items.length > MAX_ATTRIBUTE_ITEMS) {
      throw new LimitError('values of one attribute', MAX_ATTRIBUTE_ITEMS, items.length);
    }
  }
  return items;
}

function readItem(key: string, field: WireField): unknown {
  if (field.kind === 'varint') return toScalar(key, toInteger(field.value));
  if (field.kind === 'fixed32') return toFloat(field.value);
  if (field.kind === 'fixed64') return null;
  if (key === 's') return toBase64(field.bytes);
  if (key === 'func') return { name: readFunctionName(field.bytes) };
  return readShapeJson(field.bytes);
}

function toScalar(key: string, value: number): unknown {
  if (key === 'b') return value !== 0;
  return key === 'type' ? nameType(value) : String(value);
}

/** JSON has no numbers for infinities and NaN, which Protocol Buffers write as texts. */
function toFloat(bits: number): number | string {
  const [float] = new Float32Array(Uint32Array.of(bits).buffer);
  return Number.isFinite(float) ? float! : String(float);
}

function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

/** Reads the name of a NameAttrList. */
function readFunctionName(message: Uint8Array): string {
  let name = '';
  for (const field of readFields(message)) {
    if (field.number === 1 && field.kind === 'bytes') name = toText(field.bytes);
  }
  return name;
}

/** Reads a TensorShapeProto, whose dimensions may be open. */
export function readShapeJson(message: Uint8Array): ShapeJson {
  const dim: { size: string }[] = [];
  let isUnknown = false;
  for (const field of readFields(message)) {
    if (field.number === 3 && field.kind === 'varint') isUnknown = field.value !== 0n;
    if (field.number !== 2 || field.kind !== 'bytes') continue;
    let size = 0;
    for (const part of readFields(field.bytes)) {
      if (part.number === 1 && part.kind === 'varint') size = toInteger(part.value);
    }
    dim.push({ size: String(size) });
    if (dim.length > MAX_RANK) throw new LimitError('rank of a shape', MAX_RANK, dim.length);
  }
  if (isUnknown) return { unknownRank: true };
  return dim.length === 0 ? {} : { dim };
}
