import { FormatError, LimitError } from '../../errors.ts';
import { MAX_RANK, MAX_SLICES, MAX_TENSORS } from '../../bytes/limits.ts';
import { readFields, toInteger, toText } from '../protobuf/wire.ts';
import { getDataType } from './data-types.ts';
import type { DType } from '../../tensors/dtype.ts';

/**
 * The protobuf messages of both checkpoint versions, except tensor contents.
 * Spec: tensorflow/core/util/saved_tensor_slice.proto, core/protobuf/tensor_bundle.proto,
 * core/framework/{tensor_shape,tensor_slice}.proto.
 */

/** A box within a tensor, with one extent for each dimension. A length of -1 means the whole dimension. */
export interface SliceExtent {
  readonly start: number;
  readonly length: number;
}

/** V1: a tensor's entry in the table of contents (SavedSliceMeta). */
export interface SavedTensorMeta {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly slices: readonly (readonly SliceExtent[])[];
}

/** V2: the entry with the empty key (BundleHeaderProto). */
export interface BundleHeader {
  readonly shardCount: number;
  readonly bigEndian: boolean;
}

/** V2: the entry of a tensor or of one slice (BundleEntryProto). */
export interface BundleEntry {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly shard: number;
  readonly offset: number;
  readonly size: number;
  /** The masked CRC of the bytes as they are stored. */
  readonly crc32c: number;
  /**
   * The slices of a partitioned variable, whose bytes are in the entries of its slices; empty for other
   * tensors.
   */
  readonly slices: readonly (readonly SliceExtent[])[];
}

/** Reads a TensorShapeProto. */
export function readShape(message: Uint8Array, tensor: string): number[] {
  const shape: number[] = [];
  for (const field of readFields(message)) {
    if (field.number === 2 && field.kind === 'bytes') {
      let size = 0;
      for (const part of readFields(field.bytes)) {
        if (part.number === 1 && part.kind === 'varint') size = toInteger(part.value);
      }
      if (size < 0)
        throw new FormatError('checkpoint', `${tensor} has the impossible dimension ${size}`);
      shape.push(size);
      if (shape.length > MAX_RANK) {
        throw new LimitError(`rank of ${tensor}`, MAX_RANK, shape.length);
      }
    } else if (field.number === 3 && field.kind === 'varint' && field.value !== 0n) {
      throw new FormatError('checkpoint', `${tensor} has a shape of unknown rank`);
    }
  }
  return shape;
}

/** Reads a TensorSliceProto. An empty extent means a whole dimension. */
export function readExtents(message: Uint8Array): SliceExtent[] {
  const extents: SliceExtent[] = [];
  for (const field of readFields(message)) {
    if (field.number !== 1 || field.kind !== 'bytes') continue;
    let start = 0;
    let length = -1;
    for (const part of readFields(field.bytes)) {
      if (part.kind !== 'varint') continue;
      if (part.number === 1) start = toInteger(part.value);
      if (part.number === 2) length = toInteger(part.value);
    }
    extents.push({ start, length });
    if (extents.length > MAX_RANK)
      throw new LimitError('rank of a slice', MAX_RANK, extents.length);
  }
  return extents;
}

/** Reads a SavedSliceMeta. */
export function readSavedTensorMeta(message: Uint8Array): SavedTensorMeta {
  let name = '';
  let type = 0;
  let shape: Uint8Array = new Uint8Array(0);
  const slices: SliceExtent[][] = [];
  for (const field of readFields(message)) {
    if (field.number === 1 && field.kind === 'bytes') name = toText(field.bytes);
    if (field.number === 2 && field.kind === 'bytes') shape = field.bytes;
    if (field.number === 3 && field.kind === 'varint') type = toInteger(field.value);
    if (field.number === 4 && field.kind === 'bytes') slices.push(readExtents(field.bytes));
    if (slices.length > MAX_SLICES) {
      throw new LimitError(`number of slices of ${name}`, MAX_SLICES, slices.length);
    }
  }
  return { name, shape: readShape(shape, name), dtype: getDataType(type, name), slices };
}

/** Reads the table of contents of a V1 checkpoint: SavedTensorSlices.meta. */
export function readTableOfContents(message: Uint8Array): SavedTensorMeta[] {
  const tensors: SavedTensorMeta[] = [];
  let slices = 0;
  for (const outer of readFields(message)) {
    if (outer.number !== 1 || outer.kind !== 'bytes') continue;
    for (const field of readFields(outer.bytes)) {
      // Field 2, the version, is absent before TensorFlow 0.8 and has had only one value since.
      if (field.number !== 1 || field.kind !== 'bytes') continue;
      const tensor = readSavedTensorMeta(field.bytes);
      tensors.push(tensor);
      // Each slice has a record of its own, so slices count against the limit too.
      slices += tensor.slices.length;
      const count = Math.max(slices, tensors.length);
      if (count > MAX_TENSORS) {
        throw new LimitError('number of tensors or slices', MAX_TENSORS, count);
      }
    }
  }
  return tensors;
}

/** Reads a BundleHeaderProto. */
export function readBundleHeader(message: Uint8Array): BundleHeader {
  let shardCount = 0;
  let bigEndian = false;
  for (const field of readFields(message)) {
    if (field.kind !== 'varint') continue;
    if (field.number === 1) shardCount = toInteger(field.value);
    if (field.number === 2) bigEndian = field.value === 1n;
  }
  return { shardCount, bigEndian };
}

/** Reads a BundleEntryProto. */
export function readBundleEntry(message: Uint8Array, tensor: string): BundleEntry {
  let type = 0;
  let shape: Uint8Array = new Uint8Array(0);
  let shard = 0;
  let offset = 0;
  let size = 0;
  let crc32c = 0;
  const slices: SliceExtent[][] = [];
  for (const field of readFields(message)) {
    if (field.kind === 'varint') {
      if (field.number === 1) type = toInteger(field.value);
      if (field.number === 3) shard = toInteger(field.value);
      if (field.number === 4) offset = toInteger(field.value);
      if (field.number === 5) size = toInteger(field.value);
    } else if (field.kind === 'bytes') {
      if (field.number === 2) shape = field.bytes;
      if (field.number === 7) slices.push(readExtents(field.bytes));
    } else if (field.kind === 'fixed32' && field.number === 6) {
      crc32c = field.value;
    }
    if (slices.length > MAX_SLICES) {
      throw new LimitError(`number of slices of ${tensor}`, MAX_SLICES, slices.length);
    }
  }
  const dtype = getDataType(type, tensor);
  return { dtype, shape: readShape(shape, tensor), shard, offset, size, crc32c, slices };
}
