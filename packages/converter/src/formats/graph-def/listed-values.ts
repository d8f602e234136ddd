import { ByteCursor } from '../../bytes/byte-cursor.ts';
import { FormatError } from '../../errors.ts';
import type { ValueField } from '../checkpoint/value-fields.ts';
import { readFields } from '../protobuf/wire.ts';

/**
 * Reads the elements that a TensorProto lists one by one, as little-endian bytes.
 *
 * @param field the field of the elements' type.
 * @param width bytes of an element.
 * @param most elements that the shape has.
 * @throws FormatError for more elements than the shape has.
 */
export function readListedValues(
  message: Uint8Array,
  field: ValueField,
  width: number,
  most: number,
  name: string,
): Uint8Array {
  // Each element takes at least one byte of the message.
  const bytes = new Uint8Array(Math.min(most, message.length) * width);
  const view = new DataView(bytes.buffer);
  let length = 0;
  const take = (size: number): number => {
    if (length + size > bytes.length) {
      throw new FormatError('tf-graph', `${name} lists more than the ${most} values of its shape`);
    }
    length += size;
    return length - size;
  };
  const addInteger = (value: bigint): void => {
    const at = take(width);
    if (width === 8) view.setBigUint64(at, value, true);
    else if (width === 4) view.setUint32(at, Number(BigInt.asUintN(32, value)), true);
    else if (width === 2) view.setUint16(at, Number(BigInt.asUintN(16, value)), true);
    else view.setUint8(at, Number(BigInt.asUintN(8, value)));
  };
  for (const found of readFields(message)) {
    if (found.number !== field.number) continue;
    if (found.kind === 'varint') addInteger(found.value);
    else if (found.kind === 'fixed32') view.setUint32(take(4), found.value, true);
    else if (field.fixedBytes > 0 || found.kind === 'fixed64') {
      bytes.set(found.bytes, take(found.bytes.length));
    } else {
      const cursor = new ByteCursor(found.bytes, 'tf-graph');
      while (cursor.remaining > 0) addInteger(cursor.readVarint64());
    }
  }
  if (length % width !== 0) {
    throw new FormatError('tf-graph', `${name} lists ${length} bytes of ${width}-byte values`);
  }
  return bytes.subarray(0, length);
}
