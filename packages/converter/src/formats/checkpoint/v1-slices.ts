import { FormatError } from '../../errors.ts';
import { MAX_FILLED_BYTES, MAX_TABLE_OF_CONTENTS_BYTES } from '../../bytes/limits.ts';
import { LimitError } from '../../errors.ts';
import type { RandomAccessSource } from '../../bytes/source.ts';
import { ELEMENT_BYTES, type DType } from '../../tensors/dtype.ts';
import { readArrayChunks } from '../../tensors/array-chunks.ts';
import {
  countElements,
  formatShape,
  measureTensor,
  type SkippedEntry,
  type StoredTensor,
  type WeightFile,
} from '../../tensors/stored-tensor.ts';
import { readTable, type TableEntry } from '../sstable/read-table.ts';
import { createDecodedSource } from './decoded-values.ts';
import { readTableOfContents, type SavedTensorMeta } from './messages.ts';
import { readSavedSlice, type SavedSlice } from './saved-slice.ts';
import { checkBoxes, formatBox, isWholeBox, readJoinedChunks, resolveBox } from './slices.ts';
import { TENSOR_CONTENT_FIELD, VALUE_FIELDS } from './value-fields.ts';

/**
 * Checkpoints of TensorFlow up to 1.x (the "tensor slice" format): one table, or several shards that are a
 * table each. The record with the empty key is the table of contents, and every other record is a slice of
 * a tensor. Specification:
 * tensorflow/core/util/{tensor_slice_writer,tensor_slice_reader,saved_tensor_slice_util}.cc.
 */
const FORMAT = 'tf-checkpoint-v1';

/** A tensor with its slices from the tables of contents of all shards. */
interface Variable {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** The slices by their boxes, see `formatBox`. */
  readonly slices: Map<string, SavedSlice | undefined>;
}

/**
 * Reads the tensors of a V1 checkpoint from all of its shards.
 *
 * @throws FormatError, ChecksumError, LimitError
 */
export async function readCheckpointV1(shards: readonly RandomAccessSource[]): Promise<WeightFile> {
  const variables = new Map<string, Variable>();
  for (const shard of shards) {
    const [contents, ...records] = await readTable(shard);
    if (contents === undefined || contents.key.length !== 0) {
      throw new FormatError(FORMAT, `${shard.name} has no table of contents`);
    }
    for (const meta of await readContents(contents)) addVariable(variables, meta);
    for (const record of records) {
      const slice = await readSavedSlice(record.value);
      if (slice !== undefined) addSlice(variables, slice);
    }
  }
  const tensors: StoredTensor[] = [];
  const skipped: SkippedEntry[] = [];
  let filled = 0;
  for (const variable of variables.values()) {
    if (ELEMENT_BYTES[variable.dtype] === 0) {
      skipped.push({ name: variable.name, reason: `dtype ${variable.dtype}` });
    } else {
      tensors.push(createTensor(variable));
      filled += countFilledBytes(variable);
      if (filled > MAX_FILLED_BYTES) {
        const subject = `bytes that repeat one value, up to ${variable.name},`;
        throw new LimitError(subject, MAX_FILLED_BYTES, filled);
      }
    }
  }
  return { format: FORMAT, tensors, skipped };
}

async function readContents(entry: TableEntry): Promise<SavedTensorMeta[]> {
  const { byteLength } = entry.value;
  if (byteLength > MAX_TABLE_OF_CONTENTS_BYTES) {
    throw new LimitError('table of contents in bytes', MAX_TABLE_OF_CONTENTS_BYTES, byteLength);
  }
  const record = entry.value.openVerified(0, byteLength);
  return readTableOfContents(await record.read(0, byteLength));
}

function addVariable(variables: Map<string, Variable>, meta: SavedTensorMeta): void {
  const { name, dtype, shape } = meta;
  measureTensor(name, dtype, shape);
  const known = variables.get(name);
  if (known && (known.dtype !== dtype || formatShape(known.shape) !== formatShape(shape))) {
    throw new FormatError(
      FORMAT,
      `${name} is ${known.dtype} ${formatShape(known.shape)} in one shard but ${dtype} ${formatShape(shape)} in another`,
    );
  }
  const variable = known ?? { name, dtype, shape, slices: new Map() };
  variables.set(name, variable);
  for (const extents of meta.slices) {
    variable.slices.set(formatBox(resolveBox(name, shape, extents)), undefined);
  }
}

function addSlice(variables: Map<string, Variable>, slice: SavedSlice): void {
  const variable = variables.get(slice.name);
  if (variable === undefined) {
    throw new FormatError(FORMAT, `values of ${slice.name}, which no table of contents lists`);
  }
  const box = resolveBox(slice.name, variable.shape, slice.extents);
  variable.slices.set(formatBox(box), slice);
}

function createTensor(variable: Variable): StoredTensor {
  const { name, dtype, shape } = variable;
  const slices = [...variable.slices].map(([box, slice]) => {
    if (slice === undefined) {
      throw new FormatError(FORMAT, `no values for slice ${box || '(all)'} of ${name}`);
    }
    return { ...resolveBox(name, shape, slice.extents), slice };
  });
  checkBoxes(name, shape, slices);
  return {
    name,
    dtype,
    shape,
    byteLength: measureTensor(name, dtype, shape),
    async *chunks() {
      // The slices are opened here, so that each pass over the tensor verifies the checksums again.
      const boxes = slices.map(({ start, length, slice }) => ({
        start,
        length,
        source: openSlice(slice, dtype, countElements(length)),
      }));
      const [only] = boxes;
      if (only !== undefined && boxes.length === 1 && isWholeBox(only, shape)) {
        yield* readArrayChunks(only.source, {
          dtype,
          shape,
          fortranOrder: false,
          bigEndian: false,
        });
      } else {
        yield* readJoinedChunks(shape, ELEMENT_BYTES[dtype], boxes);
      }
    },
  };
}

/**
 * The bytes of those slices with more elements than their record has bytes, so that one stored value fills
 * them.
 */
function countFilledBytes({ name, dtype, shape, slices }: Variable): number {
  let bytes = 0;
  for (const slice of slices.values()) {
    if (slice === undefined) continue;
    const count = countElements(resolveBox(name, shape, slice.extents).length);
    if (count > slice.tensor.length) bytes += count * ELEMENT_BYTES[dtype];
  }
  return bytes;
}

/**
 * Opens the elements of a slice: directly if the file stores them as little-endian elements, and otherwise
 * decoded.
 */
function openSlice(slice: SavedSlice, dtype: DType, count: number): RandomAccessSource {
  const byteLength = count * ELEMENT_BYTES[dtype];
  const valueField = VALUE_FIELDS[dtype];
  const fields = slice.packed?.filter(
    ({ number }) => number === TENSOR_CONTENT_FIELD || number === valueField?.number,
  );
  const [only] = fields ?? [];
  const inPlace = only?.number === TENSOR_CONTENT_FIELD || valueField?.fixedBytes !== 0;
  if (only && fields?.length === 1 && inPlace && only.length === byteLength) {
    return slice.value.openVerified(only.offset, byteLength);
  }
  return createDecodedSource(slice, dtype, count);
}
