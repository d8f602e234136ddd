import type { RawTensor } from '../../network/copied-node.ts';
import { countElements } from '../../base/nd-array.ts';
import { GradcamError } from '../../base/errors.ts';
import { lazyConstant, type Constant, type Values } from '../graph/constant.ts';
import { elementTypes, integerRangeOf, titleOfType, type ElementType } from './element-types.ts';
import type { OnnxFileTensor, TypedValues } from './proto/onnx-schema.ts';
import { readIntegers } from './proto/wire-reader.ts';

/** Files beside the model that hold weights, by name. */
export type ExternalFiles = ReadonlyMap<string, Uint8Array>;

/**
 * Makes a tensor of the file a constant. Its bytes are counted now, and read when somebody asks for the
 * values.
 *
 * @throws GradcamError `model` where the number of bytes does not fit the shape, or the weight file is
 * missing;
 * `unsupported` for texts and for number types that are not supported.
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
      `${where}: tensor '${name}' holds ${titleOfType(tensor.type)}, which is not supported; float, float16, bfloat16, double, bool and integers of 8 to 64 bits are`,
    );
  }
  const { shape, place } = tensor;
  const count = countElements(shape);
  const integers = integerRangeOf(tensor.type);
  const range = integers === undefined ? {} : { range: integers };
  if (place.kind === 'typed') {
    const found = countTyped(place.fields, type);
    if (found !== count) throw wrongCount(where, name, shape, `${found} values`);
    const read = (): Values => readTyped(place.fields, type, count);
    return { ...lazyConstant(name, type.kind, shape, read), ...range };
  }
  const bytes =
    place.kind === 'raw' ? place.bytes : cutExternal(tensor, count * type.bytes, external, where);
  if (bytes.length !== count * type.bytes) {
    throw wrongCount(where, name, shape, `${bytes.length} bytes of ${type.title}`);
  }
  const read = (): Values => readRaw(bytes, type, count);
  return { ...lazyConstant(name, type.kind, shape, read), ...range };
}

/**
 * The bytes of a tensor that has them in one piece, in the model or in a file beside it; null where its
 * values are listed in fields of their own.
 *
 * @throws GradcamError `model` where a weight file is missing or too short.
 */
export function rawBytes(
  tensor: OnnxFileTensor,
  external: ExternalFiles,
  where: string,
): Uint8Array | null {
  const { place, shape, type } = tensor;
  if (place.kind === 'typed') return null;
  if (place.kind === 'raw') return place.bytes;
  const bytes = countElements(shape) * (elementTypes[type]?.bytes ?? 0);
  return cutExternal(tensor, bytes, external, where);
}

/** Makes a constant of values that a runtime has computed. */
export function decodeRaw({ type, shape, bytes }: RawTensor, name: string): Constant | null {
  const element = elementTypes[type];
  const count = countElements(shape);
  if (element === undefined || bytes.length !== count * element.bytes) return null;
  return lazyConstant(name, element.kind, shape, () => readRaw(bytes, element, count));
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

/** Reads the raw form. float32 values in this machine's byte order are a view of the file, without a copy. */
function readRaw(bytes: Uint8Array, type: ElementType, count: number): Values {
  const isPlain = type.title === 'float' && isLittleEndian;
  if (isPlain) {
    if (bytes.byteOffset % 4 === 0) return new Float32Array(bytes.buffer, bytes.byteOffset, count);
    // Typed arrays need aligned bytes. `slice` would not do: for a Node Buffer it makes no copy.
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

/** Counts varints: each one ends with a byte below 128. */
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

/** Allocates values. Those of float64 keep their precision until a weight is made of them. */
function emptyValues({ kind, title }: ElementType, count: number): Values {
  return kind === 'float' && title !== 'double' ? new Float32Array(count) : new Float64Array(count);
}

const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
