import { FormatError, UnsupportedError } from '../../errors.ts';
import type { DType } from '../../tensors/dtype.ts';

/** What an array-protocol type string such as `<f4` means. */
export interface NumpyType {
  /** `object` where elements are pickled. */
  readonly dtype: DType | 'object';
  readonly bigEndian: boolean;
}

/** Kind and size of numpy's typestr; spec: numpy.org/doc/stable/reference/arrays.interface.html. */
const KINDS: Readonly<Record<string, DType | 'object'>> = {
  f2: 'float16',
  f4: 'float32',
  f8: 'float64',
  i1: 'int8',
  i2: 'int16',
  i4: 'int32',
  i8: 'int64',
  u1: 'uint8',
  u2: 'uint16',
  u4: 'uint32',
  u8: 'uint64',
  b1: 'bool',
  c8: 'complex64',
  c16: 'complex128',
  O: 'object',
  O4: 'object',
  O8: 'object',
};

/**
 * Reads a type string. `=` and no sign at all (native order) count as little-endian: no published
 * weights come from a big-endian machine.
 *
 * @throws UnsupportedError for strings, structures, dates, long doubles
 */
export function parseNumpyType(text: string): NumpyType {
  const match = /^([<>|=]?)([A-Za-z])(\d*)$/.exec(text);
  if (match === null) throw new FormatError('npy', `type '${text}' is no numpy type string`);
  const [, order = '', kind = '', size = ''] = match;
  const dtype = Object.hasOwn(KINDS, kind + size) ? KINDS[kind + size] : undefined;
  if (dtype === undefined) {
    throw new UnsupportedError(
      `numpy type ${text}`,
      `numpy type '${text}' is not read; numbers and pickled objects are`,
    );
  }
  return { dtype, bigEndian: order === '>' };
}
