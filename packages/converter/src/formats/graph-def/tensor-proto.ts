import { CHUNK_BYTES, MAX_LISTED_BYTES, MAX_NAMES_BYTES } from '../../bytes/limits.ts';
import type { RandomAccessSource } from '../../bytes/source.ts';
import { FormatError, LimitError, UnsupportedError } from '../../errors.ts';
import { readPlainChunks } from '../../tensors/array-chunks.ts';
import { ELEMENT_BYTES, type DType } from '../../tensors/dtype.ts';
import { countElements, measureTensor, type StoredTensor } from '../../tensors/stored-tensor.ts';
import { getDataType } from '../checkpoint/data-types.ts';
import { readShape } from '../checkpoint/messages.ts';
import { TENSOR_CONTENT_FIELD, VALUE_FIELDS } from '../checkpoint/value-fields.ts';
import { readSourceFields } from '../protobuf/source-fields.ts';
import { readFields, toInteger, toText } from '../protobuf/wire.ts';
import { readListedValues } from './listed-values.ts';

const FORMAT = 'tf-graph';

/** The head of a TensorProto, and where its values are. */
interface TensorParts {
  type: number;
  shape: Uint8Array;
  /** `tensor_content`, the bytes of all elements. */
  content: RandomAccessSource | null;
}

/**
 * Opens a TensorProto (tensorflow/core/framework/tensor.proto): elements as bytes, or listed one by one, of
 * which the last is repeated until the shape is full.
 *
 * @param name the name of the constant, for messages.
 * @throws FormatError, LimitError; UnsupportedError for texts and other types that are no numbers.
 */
export async function openTensorProto(
  name: string,
  message: RandomAccessSource,
): Promise<StoredTensor> {
  const parts = await readParts(message);
  const dtype = getDataType(parts.type, name);
  const shape = readShape(parts.shape, name);
  if (ELEMENT_BYTES[dtype] === 0) {
    throw new UnsupportedError(`${dtype} constant`, `${name} is a constant of type ${dtype}`);
  }
  const byteLength = measureTensor(name, dtype, shape);
  const { content } = parts;
  if (content !== null && content.byteLength > 0) {
    if (content.byteLength !== byteLength) {
      throw new FormatError(
        FORMAT,
        `${name}: expected ${byteLength} bytes for its shape, found ${content.byteLength}`,
      );
    }
    return { name, dtype, shape, byteLength, chunks: () => readPlainChunks(content) };
  }
  if (byteLength > MAX_LISTED_BYTES || message.byteLength > MAX_LISTED_BYTES) {
    const bytes = Math.max(byteLength, message.byteLength);
    throw new LimitError(`values of ${name} that are no bytes`, MAX_LISTED_BYTES, bytes);
  }
  return { name, dtype, shape, byteLength, chunks: () => listChunks(message, dtype, shape, name) };
}

async function readParts(message: RandomAccessSource): Promise<TensorParts> {
  const parts: TensorParts = { type: 0, shape: new Uint8Array(0), content: null };
  for await (const field of readSourceFields(message)) {
    if (field.number === 1 && field.kind === 'varint') parts.type = toInteger(field.value);
    if (field.kind !== 'bytes') continue;
    if (field.number === 2 && field.bytes !== null) parts.shape = field.bytes;
    if (field.number === TENSOR_CONTENT_FIELD) parts.content = field.content;
  }
  return parts;
}

/**
 * The shape that a TensorProto states.
 *
 * @throws FormatError for a damaged shape.
 */
export async function readTensorShape(
  name: string,
  message: RandomAccessSource,
): Promise<readonly number[]> {
  return readShape((await readParts(message)).shape, name);
}

async function* listChunks(
  message: RandomAccessSource,
  dtype: DType,
  shape: readonly number[],
  name: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  const field = VALUE_FIELDS[dtype];
  if (field === undefined) throw new FormatError(FORMAT, `${name}: no values of type ${dtype}`);
  const width = ELEMENT_BYTES[dtype];
  const bytes = await message.read(0, message.byteLength);
  const listed = readListedValues(bytes, field, width, countElements(shape), name);
  yield* cutIntoChunks(listed, countElements(shape) * width, width);
}

/** The listed elements, and the last one again until the tensor is full; zeros if none is listed. */
function* cutIntoChunks(
  listed: Uint8Array,
  byteLength: number,
  width: number,
): Generator<Uint8Array, void, undefined> {
  for (let start = 0; start < listed.length; start += CHUNK_BYTES) {
    yield listed.subarray(start, start + CHUNK_BYTES);
  }
  const missing = byteLength - listed.length;
  const filled = new Uint8Array(Math.min(missing, CHUNK_BYTES));
  const last = listed.subarray(Math.max(0, listed.length - width));
  if (last.some((byte) => byte !== 0)) {
    for (let at = 0; at < filled.length; at += width) filled.set(last, at);
  }
  for (let start = 0; start < missing; start += CHUNK_BYTES) {
    yield filled.subarray(0, Math.min(CHUNK_BYTES, missing - start));
  }
}

/** Whether a TensorProto has any value; one without values is full of zeros. */
export async function hasValues(message: RandomAccessSource): Promise<boolean> {
  for await (const field of readSourceFields(message)) {
    // 1 is the type, 2 the shape, 3 the version.
    if (field.number > 3 && (field.kind !== 'bytes' || field.content.byteLength > 0)) return true;
  }
  return false;
}

/** The texts of a TensorProto, such as a list of names. */
export async function readTexts(message: RandomAccessSource): Promise<string[]> {
  if (message.byteLength > MAX_NAMES_BYTES) {
    throw new LimitError('list of names in bytes', MAX_NAMES_BYTES, message.byteLength);
  }
  const texts: string[] = [];
  for (const field of readFields(await message.read(0, message.byteLength))) {
    if (field.number === 8 && field.kind === 'bytes') texts.push(toText(field.bytes));
  }
  return texts;
}

/** The only number of a constant with one element; null for any other. */
export async function readOnlyNumber(message: RandomAccessSource): Promise<number | null> {
  if (message.byteLength > 256) return null;
  return readNumberOf(await openTensorProto('constant', message));
}

/** The only number of a tensor with one element; null for any other. */
export async function readNumberOf(tensor: StoredTensor): Promise<number | null> {
  if (countElements(tensor.shape) !== 1) return null;
  let bytes: Uint8Array = new Uint8Array(0);
  for await (const chunk of tensor.chunks()) bytes = chunk.slice();
  const view = new DataView(bytes.buffer);
  switch (tensor.dtype) {
    case 'bool':
    case 'uint8':
      return view.getUint8(0);
    case 'int32':
      return view.getInt32(0, true);
    case 'int64':
      return Number(view.getBigInt64(0, true));
    case 'float32':
      return view.getFloat32(0, true);
    default:
      return null;
  }
}
