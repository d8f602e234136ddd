import { GradcamError } from '../../../base/errors.ts';
import { MAX_AXES } from '../onnx-limits.ts';
import type { OnnxFileTensor, TensorPlace, TypedValues } from './onnx-schema.ts';
import { readFields, readIntegers, readText, type ItemCounter } from './wire-reader.ts';

const typedFields: Readonly<Record<number, TypedValues['field']>> = {
  4: 'float',
  5: 'int32',
  7: 'int64',
  10: 'double',
  11: 'uint64',
};

/** Most values that are written one to a field, not packed. Writers do so for few values only. */
const MAX_UNPACKED = 100_000;

/**
 * Reads a tensor's name, its shape and where its values are stored. The values stay views of the file's
 * bytes.
 *
 * @throws GradcamError `model` for a shape with invalid sizes, `unsupported` for texts.
 */
export function parseTensor(bytes: Uint8Array, where: string, items: ItemCounter): OnnxFileTensor {
  const what = `${where}: a tensor`;
  let name = '';
  let type = 0;
  const shape: number[] = [];
  let raw: Uint8Array | null = null;
  const typed: TypedValues[] = [];
  let isExternal = false;
  const pairs = new Map<string, string>();
  let hasTexts = false;
  for (const field of readFields(bytes, what)) {
    items.count(1);
    const kind = typedFields[field.number];
    if (kind !== undefined) {
      if (typed.length === MAX_UNPACKED) {
        throw new GradcamError(
          'model',
          `${what}: over ${MAX_UNPACKED} values that are not packed, which is the limit`,
        );
      }
      const { bytes: values, integer, isLong } = field;
      typed.push({ field: kind, bytes: values, integer, isLong });
    } else if (field.number === 1) shape.push(...readIntegers(field, what, MAX_AXES));
    else if (field.number === 2) type = field.integer;
    else if (field.number === 6) hasTexts = true;
    else if (field.number === 8) name = readText(field);
    else if (field.number === 9) raw = field.bytes;
    else if (field.number === 13) readLocation(field.bytes, what, pairs);
    else if (field.number === 14) isExternal = field.integer === 1;
  }
  const isShape = shape.every((size) => Number.isSafeInteger(size) && size >= 0);
  if (!isShape || shape.length > MAX_AXES) {
    throw new GradcamError('model', `${where}: tensor '${name}' has shape [${shape.join(', ')}]`);
  }
  const place: TensorPlace = isExternal
    ? externalPlace(name, pairs, where)
    : raw !== null
      ? { kind: 'raw', bytes: raw }
      : { kind: 'typed', fields: typed };
  return { name, shape, type: hasTexts ? TEXTS : type, place, encoded: bytes };
}

/** The number of the element type of texts in onnx.proto. */
const TEXTS = 8;

function readLocation(bytes: Uint8Array, what: string, pairs: Map<string, string>): void {
  let [key, value] = ['', ''];
  for (const field of readFields(bytes, what)) {
    if (field.number === 1) key = readText(field);
    else if (field.number === 2) value = readText(field);
  }
  pairs.set(key, value);
}

/**
 * A range of another file. That file must lie beside the model, so only the last name of the stated path is
 * used.
 */
function externalPlace(
  name: string,
  pairs: ReadonlyMap<string, string>,
  where: string,
): TensorPlace {
  const location = pairs.get('location') ?? '';
  const file = location.split(/[\\/]/).at(-1)!;
  const offset = Number(pairs.get('offset') ?? 0);
  const stated = pairs.get('length');
  const length = stated === undefined ? null : Number(stated);
  const isRange =
    Number.isSafeInteger(offset) &&
    offset >= 0 &&
    (length === null || (Number.isSafeInteger(length) && length >= 0));
  if (file === '' || file === '.' || file === '..' || file.includes('\0') || !isRange) {
    throw new GradcamError(
      'model',
      `${where}: tensor '${name}' is said to lie in file '${location}' from byte ${pairs.get('offset') ?? 0}, ${stated ?? 'all'} bytes; expected a file beside the model and a range in it`,
    );
  }
  return { kind: 'external', file, location, offset, length };
}
