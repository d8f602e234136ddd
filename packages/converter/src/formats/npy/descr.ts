import { FormatError, UnsupportedError } from '../../errors.ts';
import type { DType } from '../../tensors/dtype.ts';

/** The meaning of an array-protocol type string such as `<f4`. */
export type NumpyType = ReadableType | OtherType;

/** A type of numbers, or of pickled objects. */
export interface ReadableType {
  /** `object` if the elements are pickled. */
  readonly dtype: DType | 'object';
  readonly bigEndian: boolean;
}

/** A type without numbers that can be read. */
export interface OtherType {
  readonly dtype: 'other';
  readonly bigEndian: boolean;
  /** The description in messages, such as `numpy type <U3 (text)`. */
  readonly title: string;
}

/**
 * Kind and size in numpy's type strings. Specification:
 * numpy.org/doc/stable/reference/arrays.interface.html.
 */
const KINDS: ReadonlyMap<string, DType | 'object'> = new Map([
  ['f2', 'float16'],
  ['f4', 'float32'],
  ['f8', 'float64'],
  ['i1', 'int8'],
  ['i2', 'int16'],
  ['i4', 'int32'],
  ['i8', 'int64'],
  ['u1', 'uint8'],
  ['u2', 'uint16'],
  ['u4', 'uint32'],
  ['u8', 'uint64'],
  ['b1', 'bool'],
  ['c8', 'complex64'],
  ['c16', 'complex128'],
  ['O', 'object'],
  ['O4', 'object'],
  ['O8', 'object'],
]);

/** Descriptions of the kinds that are not read. */
const OTHERS: ReadonlyMap<string, string> = new Map([
  ['U', 'text'],
  ['S', 'text'],
  ['a', 'text'],
  ['M', 'dates'],
  ['m', 'durations'],
  ['V', 'records'],
  ['f', 'floats of another size'],
  ['c', 'complex numbers of another size'],
]);

/** Byte order, kind, size in elements or bytes, and for dates the unit: `<M8[25us]`. */
const TYPE = /^([<>|=]?)([A-Za-z])(\d{0,10})(\[[^[\]]{1,32}\])?$/;

/**
 * Reads a type string. `=` and a missing sign mean the machine's own order and are read as little-endian,
 * because no published weights come from a big-endian machine.
 *
 * @throws FormatError for a text that is no type string; UnsupportedError for kinds that numpy does not
 * have
 */
export function parseNumpyType(text: string): NumpyType {
  const match = TYPE.exec(text);
  if (match === null) {
    throw new FormatError('npy', `expected a numpy type string, found '${text.slice(0, 80)}'`);
  }
  const [, order = '', kind = '', size = '', unit] = match;
  const dtype = unit === undefined ? KINDS.get(kind + size) : undefined;
  const other = OTHERS.get(kind);
  if (dtype === undefined && other === undefined) {
    throw new UnsupportedError(
      `numpy type ${text}`,
      `numpy type '${text}' cannot be read; only numbers and pickled objects can`,
    );
  }
  const bigEndian = order === '>';
  return dtype === undefined
    ? { dtype: 'other', bigEndian, title: `numpy type ${text} (${other})` }
    : { dtype, bigEndian };
}

/** An array of records, described by a list of fields in the header or in the state of a pickled dtype. */
export const STRUCTURED_TYPE: OtherType = {
  dtype: 'other',
  bigEndian: false,
  title: 'a structured numpy type (records)',
};
