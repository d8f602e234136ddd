import type { ByteCursor } from '../../bytes/byte-cursor.ts';
import type { DType } from '../../tensors/dtype.ts';

/** The type of the elements of a data set or attribute. Specification: section IV.A.2.d. */
export type Hdf5Type =
  | {
      readonly kind: 'number';
      readonly dtype: DType;
      readonly bigEndian: boolean;
      readonly size: number;
    }
  /** Text of a fixed number of bytes, filled up with zeros or spaces. */
  | { readonly kind: 'text'; readonly size: number }
  /** Text of any length, which lies in a heap of the file. */
  | { readonly kind: 'heap-text'; readonly size: number }
  /** Bytes without a meaning to HDF5. Keras writes bfloat16 so. */
  | { readonly kind: 'opaque'; readonly size: number }
  | { readonly kind: 'other'; readonly what: string; readonly size: number };

const CLASS = { integer: 0, float: 1, text: 3, opaque: 5, enumeration: 8, variable: 9 } as const;
const NAMES: Readonly<Record<number, string>> = {
  2: 'time',
  4: 'bit field',
  6: 'compound',
  7: 'reference',
  10: 'array',
};

/** Bits of exponent and fraction of the types of floating point that can be converted, by their names. */
const FLOATS = new Map<string, DType>([
  ['2 5 10', 'float16'],
  ['2 8 7', 'bfloat16'],
  ['4 8 23', 'float32'],
  ['8 11 52', 'float64'],
]);
const INTEGERS = new Map<string, DType>([
  ['1 true', 'int8'],
  ['2 true', 'int16'],
  ['4 true', 'int32'],
  ['8 true', 'int64'],
  ['1 false', 'uint8'],
  ['2 false', 'uint16'],
  ['4 false', 'uint32'],
  ['8 false', 'uint64'],
]);

/** Reads a datatype message. A type that is not known is described, not refused: no weight may have it. */
export function readDatatype(cursor: ByteCursor): Hdf5Type {
  const kind = cursor.readUint8() & 0x0f;
  const bits = cursor.readUint8();
  cursor.skip(2);
  const size = cursor.readUint32();
  switch (kind) {
    case CLASS.integer: {
      const dtype = INTEGERS.get(`${size} ${(bits & 0x08) !== 0}`);
      const precision = { offset: cursor.readUint16(), bits: cursor.readUint16() };
      const isWhole = precision.offset === 0 && precision.bits === 8 * size;
      return dtype === undefined || !isWhole
        ? { kind: 'other', what: `integers of ${precision.bits} bits`, size }
        : { kind: 'number', dtype, bigEndian: (bits & 1) !== 0, size };
    }
    case CLASS.float: {
      cursor.skip(5);
      const exponent = cursor.readUint8();
      cursor.skip(1);
      const dtype = FLOATS.get(`${size} ${exponent} ${cursor.readUint8()}`);
      // Both bits of the order are set for VAX.
      return dtype === undefined || (bits & 0x40) !== 0
        ? { kind: 'other', what: `floating point of ${8 * size} bits`, size }
        : { kind: 'number', dtype, bigEndian: (bits & 1) !== 0, size };
    }
    case CLASS.text:
      return { kind: 'text', size };
    case CLASS.opaque:
      return { kind: 'opaque', size };
    case CLASS.enumeration: {
      const base = readDatatype(cursor);
      return base.size === 1 && base.kind === 'number'
        ? { kind: 'number', dtype: 'bool', bigEndian: false, size }
        : { kind: 'other', what: 'enumeration', size };
    }
    case CLASS.variable:
      return (bits & 0x0f) === 1
        ? { kind: 'heap-text', size }
        : { kind: 'other', what: 'lists', size };
    default:
      return { kind: 'other', what: NAMES[kind] ?? `type class ${kind}`, size };
  }
}

/** Reads a dataspace message: the shape, [] for a scalar. Specification: section IV.A.2.b. */
export function readDataspace(cursor: ByteCursor): number[] {
  const version = cursor.readUint8();
  const rank = cursor.readUint8();
  cursor.skip(1);
  // Version 1 has five reserved bytes; version 2 says in one byte whether there is anything at all.
  const isEmpty = version === 2 ? cursor.readUint8() === 2 : false;
  if (version === 1) cursor.skip(5);
  else if (version !== 2) throw cursor.fail(`unknown version ${version} of a shape`);
  return isEmpty ? [0] : Array.from({ length: rank }, () => cursor.readUint64());
}
