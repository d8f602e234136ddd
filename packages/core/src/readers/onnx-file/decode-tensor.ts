import { countElements } from '../../base/nd-array.ts';
import { GradcamError } from '../../base/errors.ts';
import { decodeHalf } from '../../base/half-precision.ts';
import { lazyConstant, type Constant, type ElementKind, type Values } from '../graph/constant.ts';
import type { OnnxFileTensor, TypedValues } from './proto/onnx-schema.ts';
import { readIntegers } from './proto/wire-reader.ts';

/** Files beside the model that hold weights, by name. */
export type ExternalFiles = ReadonlyMap<string, Uint8Array>;

/** How values of an element type stand in a file. */
interface ElementType {
  readonly title: string;
  readonly kind: ElementKind;
  /** Bytes of one value in raw form. */
  readonly bytes: number;
  readonly read: (view: DataView, at: number) => number;
  /** Where its values stand one by one. */
  readonly field: TypedValues['field'];
  /** Of an integer of such a field the value, where that is not the same. */
  readonly decode?: (integer: number) => number;
}

/** By their numbers in onnx.proto. Wider integers than doubles hold are nowhere but in "to the end". */
const elementTypes: Readonly<Record<number, ElementType>> = {
  1: {
    title: 'float',
    kind: 'float',
    bytes: 4,
    read: (v, at) => v.getFloat32(at, true),
    field: 'float',
  },
  2: { title: 'uint8', kind: 'integer', bytes: 1, read: (v, at) => v.getUint8(at), field: 'int32' },
  3: { title: 'int8', kind: 'integer', bytes: 1, read: (v, at) => v.getInt8(at), field: 'int32' },
  4: {
    title: 'uint16',
    kind: 'integer',
    bytes: 2,
    read: (v, at) => v.getUint16(at, true),
    field: 'int32',
  },
  5: {
    title: 'int16',
    kind: 'integer',
    bytes: 2,
    read: (v, at) => v.getInt16(at, true),
    field: 'int32',
  },
  6: {
    title: 'int32',
    kind: 'integer',
    bytes: 4,
    read: (v, at) => v.getInt32(at, true),
    field: 'int32',
  },
  7: {
    title: 'int64',
    kind: 'integer',
    bytes: 8,
    read: (v, at) => Number(v.getBigInt64(at, true)),
    field: 'int64',
  },
  9: {
    title: 'bool',
    kind: 'boolean',
    bytes: 1,
    read: (v, at) => (v.getUint8(at) === 0 ? 0 : 1),
    field: 'int32',
  },
  10: {
    title: 'float16',
    kind: 'float',
    bytes: 2,
    read: (v, at) => decodeHalf(v.getUint16(at, true)),
    field: 'int32',
    decode: decodeHalf,
  },
  11: {
    title: 'double',
    kind: 'float',
    bytes: 8,
    read: (v, at) => v.getFloat64(at, true),
    field: 'double',
  },
  12: {
    title: 'uint32',
    kind: 'integer',
    bytes: 4,
    read: (v, at) => v.getUint32(at, true),
    field: 'uint64',
  },
  13: {
    title: 'uint64',
    kind: 'integer',
    bytes: 8,
    read: (v, at) => Number(v.getBigUint64(at, true)),
    field: 'uint64',
  },
  16: {
    title: 'bfloat16',
    kind: 'float',
    bytes: 2,
    read: (v, at) => decodeBrain(v.getUint16(at, true)),
    field: 'int32',
    decode: decodeBrain,
  },
};

/** Names of the other element types, for messages. */
const otherTypes: Readonly<Record<number, string>> = {
  ...{ 8: 'text', 14: 'complex64', 15: 'complex128', 17: 'float8', 18: 'float8', 19: 'float8' },
  ...{ 20: 'float8', 21: 'uint4', 22: 'int4', 23: 'float4' },
};

/** What an element type is called; its number where it is not known. */
export function titleOfType(type: number): string {
  return elementTypes[type]?.title ?? otherTypes[type] ?? `type ${type}`;
}

/** Whether values of a type are numbers with a fraction, integers or truth values; null for others. */
export function kindOfType(type: number): ElementKind | null {
  return elementTypes[type]?.kind ?? null;
}

/**
 * A tensor of the file as a constant. Its bytes are counted now and read when they are asked for.
 *
 * @throws GradcamError `model` where the bytes are not as many as the shape needs, or lie in a file that is
 *   not there; `unsupported` for texts and kinds of numbers that are not read here.
 */
export function decodeTensor(
  tensor: OnnxFileTensor,
  external: ExternalFiles,
  where: string,
  name = tensor.name,
): Constant {
  const type = elementTypes[tensor.type];
  if (type === undefined) {
    throw new GradcamError(
      'unsupported',
      `${where}: tensor '${name}' holds ${titleOfType(tensor.type)}, which is not read here; float, float16, bfloat16, double, bool and integers of 8 to 64 bits are`,
    );
  }
  const { shape, place } = tensor;
  const count = countElements(shape);
  if (place.kind === 'typed') {
    const found = countTyped(place.fields, type);
    if (found !== count) throw wrongCount(where, name, shape, `${found} values`);
    return lazyConstant(name, type.kind, shape, () => readTyped(place.fields, type, count));
  }
  const bytes =
    place.kind === 'raw' ? place.bytes : cutExternal(tensor, count * type.bytes, external, where);
  if (bytes.length !== count * type.bytes) {
    throw wrongCount(where, name, shape, `${bytes.length} bytes of ${type.title}`);
  }
  return lazyConstant(name, type.kind, shape, () => readRaw(bytes, type, count));
}

function wrongCount(
  where: string,
  name: string,
  shape: readonly number[],
  found: string,
): GradcamError {
  return new GradcamError(
    'model',
    `${where}: tensor '${name}' of shape [${shape.join(', ')}] has ${found}; the file is damaged or not whole`,
  );
}

function cutExternal(
  { name, place }: OnnxFileTensor,
  needed: number,
  external: ExternalFiles,
  where: string,
): Uint8Array {
  if (place.kind !== 'external') throw new Error(`tensor ${name} is not in another file`);
  const { file, offset, length } = place;
  const bytes = external.get(file);
  if (bytes === undefined) {
    throw new GradcamError(
      'model',
      `${where}: the weights of tensor '${name}' are in file '${file}', which is not beside the model; put it there`,
    );
  }
  const end = offset + (length ?? needed);
  if (end > bytes.length || offset > end) {
    throw new GradcamError(
      'model',
      `${where}: tensor '${name}' is said to end at byte ${end} of ${file}, which has ${bytes.length}; the file is damaged or not whole`,
    );
  }
  return bytes.subarray(offset, end);
}

/** float32 that lies as this machine reads it is a view of the file. */
function readRaw(bytes: Uint8Array, type: ElementType, count: number): Values {
  const isPlain = type.title === 'float' && isLittleEndian;
  if (isPlain) {
    if (bytes.byteOffset % 4 === 0) return new Float32Array(bytes.buffer, bytes.byteOffset, count);
    // Not `slice`, which of a Buffer of Node is no copy.
    return new Float32Array(new Uint8Array(bytes).buffer, 0, count);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = emptyValues(type, count);
  for (let i = 0; i < count; i++) values[i] = type.read(view, i * type.bytes);
  return values;
}

function countTyped(fields: readonly TypedValues[], type: ElementType): number {
  let found = 0;
  for (const { field, bytes, isLong } of fields) {
    if (field !== type.field) continue;
    if (!isLong)
      found += field === 'float' || field === 'double' ? bytes.length / widthOf(field) : 1;
    else if (field === 'float' || field === 'double') found += bytes.length / widthOf(field);
    else found += countVarints(bytes);
  }
  return found;
}

/** Each ends with a byte under 128. */
function countVarints(bytes: Uint8Array): number {
  let found = 0;
  for (const byte of bytes) if (byte < 0x80) found += 1;
  return found;
}

function widthOf(field: 'float' | 'double'): number {
  return field === 'float' ? 4 : 8;
}

function readTyped(fields: readonly TypedValues[], type: ElementType, count: number): Values {
  const values = emptyValues(type, count);
  let at = 0;
  for (const { field, bytes, integer, isLong } of fields) {
    if (field !== type.field) continue;
    if (field === 'float' || field === 'double') {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const width = widthOf(field);
      for (let i = 0; i < bytes.length; i += width) {
        values[at++] = width === 4 ? view.getFloat32(i, true) : view.getFloat64(i, true);
      }
      continue;
    }
    const { decode = (same: number) => same } = type;
    const packed = { number: 0, integer, bytes, isLong };
    for (const one of readIntegers(packed, 'a tensor', count)) values[at++] = decode(one);
  }
  return values;
}

/** float64 keeps its precision until a weight is made of it. */
function emptyValues({ kind, title }: ElementType, count: number): Values {
  return kind === 'float' && title !== 'double' ? new Float32Array(count) : new Float64Array(count);
}

const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** The upper half of a float32. */
function decodeBrain(bits: number): number {
  words[0] = bits << 16;
  return floats[0]!;
}

const words = new Uint32Array(1);
const floats = new Float32Array(words.buffer);
