import { FormatError, LimitError, UnsupportedError } from '../../errors.ts';
import { MAX_NAME_BYTES, MAX_SAFETENSORS_HEADER_BYTES, MAX_TENSORS } from '../../bytes/limits.ts';
import { sliceSource, type RandomAccessSource } from '../../bytes/source.ts';
import type { DType } from '../../tensors/dtype.ts';
import { createSkippedEntries } from '../../tensors/skipped-entries.ts';
import { formatShape, measureTensor, type WeightFile } from '../../tensors/stored-tensor.ts';
import {
  createStridedTensor,
  rowMajorStrides,
  type StridedTensor,
} from '../../tensors/strided-tensor.ts';
import { LENGTH_BYTES, readHeaderLength } from './header-length.ts';

const FORMAT = 'safetensors';

/** The types of elements by their names in the format. */
const DTYPES: ReadonlyMap<string, DType> = new Map([
  ['F64', 'float64'],
  ['F32', 'float32'],
  ['F16', 'float16'],
  ['BF16', 'bfloat16'],
  ['I64', 'int64'],
  ['I32', 'int32'],
  ['I16', 'int16'],
  ['I8', 'int8'],
  ['U64', 'uint64'],
  ['U32', 'uint32'],
  ['U16', 'uint16'],
  ['U8', 'uint8'],
  ['BOOL', 'bool'],
  ['C64', 'complex64'],
]);

/**
 * Reads a file of safetensors: the length of the header as eight bytes, the header as JSON, and the tensors.
 * Their bytes follow each other without gaps, as the format demands.
 *
 * @throws FormatError, LimitError; UnsupportedError for a file that is all of types without numbers here
 */
export async function readSafetensors(source: RandomAccessSource): Promise<WeightFile> {
  const { name, byteLength } = source;
  const length = readHeaderLength(await source.read(0, LENGTH_BYTES));
  if (length > MAX_SAFETENSORS_HEADER_BYTES) {
    throw new LimitError('header of safetensors', MAX_SAFETENSORS_HEADER_BYTES, length);
  }
  const start = LENGTH_BYTES + length;
  const header = parseHeader(await source.read(LENGTH_BYTES, length));
  const data = sliceSource(source, start, byteLength - start);
  const entries = Object.entries(header).filter(([key]) => key !== '__metadata__');
  if (entries.length > MAX_TENSORS) {
    throw new LimitError('number of tensors', MAX_TENSORS, entries.length);
  }
  const skipped = createSkippedEntries();
  const tensors: StridedTensor[] = [];
  const ranges: { name: string; from: number; to: number }[] = [];
  for (const [key, value] of entries) {
    const { type, shape, from, to } = readEntry(key, value, data.byteLength);
    ranges.push({ name: key, from, to });
    const dtype = DTYPES.get(type);
    if (dtype === undefined) {
      skipped.add(key, `numbers of type ${type.slice(0, 20)}, which are not read`);
      continue;
    }
    const expected = measureTensor(key, dtype, shape);
    if (expected !== to - from) {
      throw new FormatError(
        FORMAT,
        `${key}: ${type} ${formatShape(shape)} has ${expected} bytes, its offsets say ${to - from}`,
      );
    }
    const open = (): RandomAccessSource => sliceSource(data, from, to - from);
    const strides = rowMajorStrides(shape);
    tensors.push(createStridedTensor({ name: key, dtype, shape, strides, offset: 0, open }));
  }
  checkRanges(ranges, data.byteLength);
  if (tensors.length === 0) {
    throw new UnsupportedError('safetensors', `${name}: expected tensors, found none to read`);
  }
  return { format: 'safetensors', tensors, skipped: skipped.list() };
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new FormatError(FORMAT, 'the header is no JSON', LENGTH_BYTES, { cause });
  }
  if (isRecord(header)) return header;
  throw new FormatError(FORMAT, 'the header is no JSON object', LENGTH_BYTES);
}

function readEntry(
  key: string,
  value: unknown,
  dataBytes: number,
): { type: string; shape: number[]; from: number; to: number } {
  if (key.length > MAX_NAME_BYTES) throw new LimitError('name', MAX_NAME_BYTES, key.length);
  const { dtype, shape, data_offsets: offsets } = isRecord(value) ? value : {};
  if (typeof dtype !== 'string' || !isCounts(shape) || !isCounts(offsets)) {
    throw new FormatError(FORMAT, `${key}: expected dtype, shape and data_offsets`);
  }
  const [from = 0, to = -1] = offsets;
  if (offsets.length !== 2 || from > to || to > dataBytes) {
    throw new FormatError(
      FORMAT,
      `${key}: bytes ${formatShape(offsets)} of ${dataBytes}; the file is truncated or damaged`,
    );
  }
  return { type: dtype, shape, from, to };
}

/**
 * Checks that the tensors cover the data without overlaps and without gaps, in which other bytes could hide.
 */
function checkRanges(
  ranges: readonly { name: string; from: number; to: number }[],
  dataBytes: number,
): void {
  let end = 0;
  for (const { name, from, to } of [...ranges].sort((a, b) => a.from - b.from || a.to - b.to)) {
    if (from !== end) {
      const what = from < end ? 'overlaps another tensor' : `begins ${from - end} bytes late`;
      throw new FormatError(FORMAT, `${name} ${what}; the format has neither gaps nor overlaps`);
    }
    end = to;
  }
  if (end !== dataBytes) {
    throw new FormatError(FORMAT, `the tensors end at byte ${end} of ${dataBytes}`);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((one) => Number.isSafeInteger(one) && one >= 0);
}
