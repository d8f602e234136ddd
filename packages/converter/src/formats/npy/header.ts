import { FormatError, LimitError, UnsupportedError } from '../../errors.ts';
import { ByteCursor } from '../../bytes/byte-cursor.ts';
import { MAX_NPY_HEADER_BYTES } from '../../bytes/limits.ts';
import type { RandomAccessSource } from '../../bytes/source.ts';
import { parseNumpyType, STRUCTURED_TYPE, type NumpyType } from './descr.ts';
import { parsePythonLiteral } from './python-literal.ts';

/** The head of a `.npy` file. Specification: numpy/lib/format.py (NEP 1). */
export interface NpyHeader {
  readonly type: NumpyType;
  readonly shape: readonly number[];
  readonly fortranOrder: boolean;
  /** Byte offset of the array's data, or of its pickle. */
  readonly dataOffset: number;
}

const FORMAT = 'npy';
const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** Whether bytes begin like a `.npy` file. */
export function hasNpyMagic(head: Uint8Array): boolean {
  return MAGIC.every((byte, index) => head[index] === byte);
}

/**
 * Reads the head of a `.npy`, versions 1 to 3.
 *
 * @throws FormatError, UnsupportedError, LimitError
 */
export async function readNpyHeader(source: RandomAccessSource): Promise<NpyHeader> {
  const head = await source.read(0, Math.min(12, source.byteLength));
  if (!hasNpyMagic(head)) {
    throw new FormatError(FORMAT, `${source.name} does not start with \\x93NUMPY`, 0);
  }
  const cursor = new ByteCursor(head, FORMAT);
  cursor.skip(MAGIC.length);
  const major = cursor.readUint8();
  cursor.skip(1);
  if (major < 1 || major > 3) {
    throw new UnsupportedError(`npy version ${major}`, `npy version ${major}, expected 1 to 3`);
  }
  const length = major === 1 ? cursor.readUint16() : cursor.readUint32();
  if (length > MAX_NPY_HEADER_BYTES) {
    throw new LimitError('npy header in bytes', MAX_NPY_HEADER_BYTES, length);
  }
  const bytes = await source.read(cursor.offset, length);
  // The header is latin1 up to version 2. Only its ASCII part matters here, and that is the same in UTF-8.
  const fields = parsePythonLiteral(new TextDecoder().decode(bytes));
  return readFields(fields, cursor.offset + length);
}

function readFields(fields: unknown, dataOffset: number): NpyHeader {
  if (!(fields instanceof Map))
    throw new FormatError(FORMAT, 'expected a dict as header, found something else');
  const descr: unknown = fields.get('descr');
  const fortranOrder: unknown = fields.get('fortran_order');
  const shape: unknown = fields.get('shape');
  const isDescr = typeof descr === 'string' || Array.isArray(descr);
  if (!isDescr || typeof fortranOrder !== 'boolean' || !isShape(shape)) {
    throw new FormatError(FORMAT, "header lacks a valid 'descr', 'fortran_order' or 'shape'");
  }
  const type = typeof descr === 'string' ? parseNumpyType(descr) : STRUCTURED_TYPE;
  return { type, shape, fortranOrder, dataOffset };
}

function isShape(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}
