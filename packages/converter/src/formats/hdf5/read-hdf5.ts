import {
  CHUNK_BYTES,
  MAX_HDF5_DEPTH,
  MAX_HDF5_OBJECTS,
  MAX_INFLATION_RATIO,
  MAX_TENSORS,
} from '../../bytes/limits.ts';
import { namingChunks, namingFile } from '../../tensors/name-file.ts';
import { createMemorySource, sliceSource, type RandomAccessSource } from '../../bytes/source.ts';
import { FormatError, LimitError, UnsupportedError } from '../../errors.ts';
import { readArrayChunks, swapByteOrder } from '../../tensors/array-chunks.ts';
import { getSwapBytes, type DType } from '../../tensors/dtype.ts';
import { createSkippedEntries } from '../../tensors/skipped-entries.ts';
import {
  measureTensor,
  type SkippedEntry,
  type StoredTensor,
} from '../../tensors/stored-tensor.ts';
import { readAttributes, type AttributeValue } from './attributes.ts';
import { checkChunks, readChunks } from './chunks.ts';
import { readDataspace, readDatatype, type Hdf5Type } from './datatype.ts';
import { readFilters } from './filters.ts';
import { HDF5, openHdf5File, readAddress, type Hdf5File } from './hdf5-file.ts';
import { readLayout } from './layout.ts';
import { readLinks } from './links.ts';
import { MESSAGE, readObjectHeader, type HeaderMessage } from './object-header.ts';

/** A group of an HDF5 file. */
export interface Hdf5Group {
  /** The texts among its attributes. */
  readonly attributes: ReadonlyMap<string, AttributeValue>;
}

/** The content of an HDF5 file by path, such as `model_weights/conv2d`; the root, a group, is ''. */
export interface Hdf5Content {
  readonly groups: ReadonlyMap<string, Hdf5Group>;
  /** The data sets of numbers, in the order of the file. Their names are their paths. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly skipped: readonly SkippedEntry[];
}

/**
 * Reads the groups, attributes and data sets of an HDF5 file as h5py writes it: superblocks 0 to 3, symbol
 * tables and link messages, contiguous, compact and chunked data, deflate and shuffle. No content of a data
 * set is read. Specification: HDF5 File Format Specification 3.0.
 *
 * @param leaveOut paths that are not looked at, nor what is below them.
 * @throws FormatError, LimitError, UnsupportedError that name the file, also where values are read later
 */
export async function readHdf5(
  source: RandomAccessSource,
  leaveOut: (path: string) => boolean = () => false,
): Promise<Hdf5Content> {
  const { name } = source;
  const content = await namingFile(name, () => readContent(source, leaveOut));
  const tensors = [...content.tensors].map(
    ([path, tensor]) => [path, namingChunks(tensor, name)] as const,
  );
  return { ...content, tensors: new Map(tensors) };
}

async function readContent(
  source: RandomAccessSource,
  leaveOut: (path: string) => boolean,
): Promise<Hdf5Content> {
  const file = await openHdf5File(source);
  const groups = new Map<string, Hdf5Group>();
  const tensors = new Map<string, StoredTensor>();
  const skipped = createSkippedEntries();
  const seen = new Set<number>();
  const open: { path: string; address: number; depth: number }[] = [
    { path: '', address: file.root, depth: 0 },
  ];
  let bytes = 0;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { path, address, depth } = next;
    if (seen.has(address)) {
      throw new FormatError(HDF5, `${path}: the same group or data set has two paths`, address);
    }
    seen.add(address);
    if (seen.size > MAX_HDF5_OBJECTS)
      throw new LimitError(`objects in ${file.name}`, MAX_HDF5_OBJECTS, seen.size);
    const messages = await readObjectHeader(file, address);
    const links = await readLinks(file, messages);
    const attributes = await readAttributes(
      file,
      messages.filter(({ kind, isShared }) => kind === MESSAGE.attribute && !isShared),
    );
    if (links === null) {
      if (path === '') throw new FormatError(HDF5, `${file.name}: its root is no group`, address);
      const tensor = openDataset(file, path, messages, attributes);
      if ('reason' in tensor) {
        skipped.add(path, tensor.reason);
        continue;
      }
      tensors.set(path, tensor);
      bytes += tensor.stored;
      // Data sets that share bytes would let a small file describe endless work.
      if (bytes > file.byteLength + CHUNK_BYTES / MAX_INFLATION_RATIO) {
        throw new FormatError(
          HDF5,
          `${path}: data sets of ${bytes} bytes, found ${file.byteLength} in the file; they overlap`,
        );
      }
      if (tensors.size > MAX_TENSORS)
        throw new LimitError(`data sets in ${file.name}`, MAX_TENSORS, tensors.size);
      continue;
    }
    refuseDenseAttributes(file, path, messages);
    groups.set(path, { attributes });
    if (depth >= MAX_HDF5_DEPTH)
      throw new LimitError(`nesting of groups in ${file.name}`, MAX_HDF5_DEPTH, depth + 1);
    const members = [...links].map(([name, member]) => ({
      path: path === '' ? name : `${path}/${name}`,
      address: member,
      depth: depth + 1,
    }));
    open.push(...members.filter((member) => !leaveOut(member.path)).reverse());
  }
  return { groups, tensors, skipped: skipped.list() };
}

/** Groups with many attributes may keep them in a heap, which is not read. */
function refuseDenseAttributes(
  file: Hdf5File,
  path: string,
  messages: readonly HeaderMessage[],
): void {
  const info = messages.find(({ kind }) => kind === MESSAGE.attributeInfo);
  if (info === undefined) return;
  const cursor = info.open();
  cursor.skip(1);
  if ((cursor.readUint8() & 1) !== 0) cursor.skip(2);
  if (readAddress(cursor) === null) return;
  throw new UnsupportedError(
    'HDF5 dense attributes',
    `${file.name}: the attributes of '${path}' lie in a heap that cannot be read; copy the file with h5repack`,
  );
}

/** @returns the tensor, with the bytes that it takes in the file if these can be told; or why it is none. */
function openDataset(
  file: Hdf5File,
  name: string,
  messages: readonly HeaderMessage[],
  attributes: ReadonlyMap<string, AttributeValue>,
): (StoredTensor & { readonly stored: number }) | { readonly reason: string } {
  const find = (kind: number): HeaderMessage | undefined =>
    messages.find((message) => message.kind === kind && !message.isShared);
  const [space, typeMessage, place] = [
    find(MESSAGE.dataspace),
    find(MESSAGE.datatype),
    find(MESSAGE.layout),
  ];
  if (space === undefined || typeMessage === undefined || place === undefined) {
    return { reason: 'no data set with a shape, a type and a place' };
  }
  const type = readDatatype(typeMessage.open());
  const element = numberOf(type, attributes);
  if (element === null) return { reason: type.kind === 'other' ? type.what : type.kind };
  const { dtype, bigEndian } = element;
  const shape = readDataspace(space.open());
  const byteLength = measureTensor(name, dtype, shape);
  const layout = readLayout(place.open(), name);
  const base = { name, dtype, shape, byteLength };
  if (layout.kind === 'chunked') {
    const filterMessage = find(MESSAGE.filters);
    const filters = filterMessage === undefined ? [] : readFilters(filterMessage.open(), name);
    const { tree, chunk } = layout;
    if (tree === null) throw new FormatError(HDF5, `${name}: nothing was ever written to it`);
    const data = { name, shape, chunk, tree, filters, elementBytes: type.size };
    checkChunks(data);
    return {
      ...base,
      // Unpacked bytes count as the fewest that they can have been packed into.
      stored: byteLength / MAX_INFLATION_RATIO,
      async *chunks() {
        const swap = bigEndian ? getSwapBytes(dtype) : 1;
        for await (const part of readChunks(file, data))
          yield swap === 1 ? part : swapByteOrder(part, swap);
      },
    };
  }
  const array = { dtype, shape, fortranOrder: false, bigEndian };
  if (layout.kind === 'compact') {
    if (layout.bytes.length < byteLength) {
      throw new FormatError(
        HDF5,
        `${name}: expected ${byteLength} bytes, found ${layout.bytes.length}`,
      );
    }
    const bytes = createMemorySource(name, layout.bytes.slice(0, byteLength));
    return { ...base, stored: byteLength, chunks: () => readArrayChunks(bytes, array) };
  }
  const { address, length } = layout;
  if (byteLength > 0 && address === null)
    throw new FormatError(HDF5, `${name}: nothing was ever written to it`);
  // Version 1 and 2 of the layout do not state the length.
  if (length >= 0 && length !== byteLength) {
    throw new FormatError(
      HDF5,
      `${name}: expected ${byteLength} bytes for its shape [${shape.join(', ')}], found ${length}`,
    );
  }
  const bytes = sliceSource(file.source, address ?? 0, byteLength);
  return { ...base, stored: byteLength, chunks: () => readArrayChunks(bytes, array) };
}

/** The type of floating point or integers of a data set; null for text and others. */
function numberOf(
  type: Hdf5Type,
  attributes: ReadonlyMap<string, AttributeValue>,
): { readonly dtype: DType; readonly bigEndian: boolean } | null {
  if (type.kind === 'number') return type;
  // Keras writes bfloat16, which HDF5 has no type for, as bytes and names it in an attribute.
  const isBrain =
    type.kind === 'opaque' && type.size === 2 && attributes.get('dtype') === 'bfloat16';
  return isBrain ? { dtype: 'bfloat16', bigEndian: false } : null;
}
