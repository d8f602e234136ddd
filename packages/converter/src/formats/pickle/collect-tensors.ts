import { FormatError, LimitError } from '../../errors.ts';
import {
  MAX_NAME_BYTES,
  MAX_PICKLE_DEPTH,
  MAX_SHARED_ARRAYS,
  MAX_TENSORS,
} from '../../bytes/limits.ts';
import type { RandomAccessSource } from '../../bytes/source.ts';
import { readArrayChunks } from '../../tensors/array-chunks.ts';
import {
  formatShape,
  measureTensor,
  type SkippedEntry,
  type StoredTensor,
} from '../../tensors/stored-tensor.ts';
import { createSkippedEntries, type SkippedEntries } from '../../tensors/skipped-entries.ts';
import { parseNumpyType, STRUCTURED_TYPE, type NumpyType } from '../npy/descr.ts';
import { createPickleBudget, type PickleBudget } from './budget.ts';
import { createLatin1Source } from './latin1-source.ts';
import { runPickle } from './machine.ts';
import { isKind } from './numpy-globals.ts';
import {
  describeValue,
  openBytes,
  type ArrayState,
  type PickleBytes,
  type PickleDtype,
  type PickleValue,
} from './values.ts';

/** The arrays in a pickle. */
export interface PickledTensors {
  /** Each array is named by its path: `conv1_1/0` is the first item of a list under the key `conv1_1`. */
  readonly tensors: readonly StoredTensor[];
  readonly skipped: readonly SkippedEntry[];
}

const FORMAT = 'pickle';

interface Collection extends PickleContext {
  readonly tensors: Map<string, StoredTensor>;
  /** The number of places in the pickle that refer to the same bytes of an array. */
  readonly shared: Map<PickleBytes, number>;
}

/** The state that the pickles of one file share. */
export interface PickleContext {
  readonly budget: PickleBudget;
  /**
   * Receives the path of every value that is not an array; the path is '' if the whole pickle is one such
   * value.
   */
  readonly skipped: SkippedEntries;
}

/** Creates the state for a file that shares no budget with other files. */
export function createPickleContext(): PickleContext {
  return { budget: createPickleBudget(), skipped: createSkippedEntries() };
}

/**
 * Runs a pickle and collects the numeric arrays in its dicts, lists, tuples and object arrays.
 *
 * @throws FormatError (also if there are no arrays), UnsupportedError, LimitError
 */
export async function readPickledTensors(source: RandomAccessSource): Promise<PickledTensors> {
  const context = createPickleContext();
  const { tensors, root } = await collectPickledTensors(source, context);
  if (tensors.length > 0) return { tensors, skipped: context.skipped.list() };
  throw new FormatError(FORMAT, `${source.name}: expected arrays of numbers, found ${root}`);
}

/**
 * Does the same as {@link readPickledTensors}, but accepts a pickle without arrays: `root` describes the
 * value found.
 */
export async function collectPickledTensors(
  source: RandomAccessSource,
  context: PickleContext,
): Promise<{ readonly tensors: readonly StoredTensor[]; readonly root: string }> {
  const root = await runPickle(source, context.budget);
  const collection: Collection = { ...context, tensors: new Map(), shared: new Map() };
  collect(collection, root, null, 0);
  return { tensors: [...collection.tensors.values()], root: describeRoot(root) };
}

function describeRoot(root: PickleValue): string {
  // `np.save` wraps a dict, and any other value that is not an array, in an object array of one item.
  const data = isKind(root, 'array') ? root.state?.data : undefined;
  const [only, ...others] = isKind(data, 'list') ? data.items : [];
  return describeValue(others.length === 0 && only !== undefined ? only : root);
}

/** @param name the path of keys and indices so far; null at the root */
function collect(
  collection: Collection,
  value: PickleValue,
  name: string | null,
  depth: number,
): void {
  // Every visit counts, to containers and to leaves: shared references can make a small pickle expand
  // without end.
  collection.budget.spend('values in a pickle', 1);
  if (depth > MAX_PICKLE_DEPTH)
    throw new LimitError('nesting of a pickle', MAX_PICKLE_DEPTH, depth);
  const length = name?.length ?? 0;
  if (length > MAX_NAME_BYTES) throw new LimitError('name', MAX_NAME_BYTES, length);
  const collectItem = (item: PickleValue, key: string | number): void =>
    collect(collection, item, name === null ? String(key) : `${name}/${key}`, depth + 1);
  if (isKind(value, 'dict')) {
    for (const [key, item] of value.entries) collectItem(item, key);
  } else if (isKind(value, 'list') || isKind(value, 'tuple')) {
    value.items.forEach(collectItem);
  } else if (isKind(value, 'array') && value.state !== undefined) {
    const { data, shape } = value.state;
    if (isKind(data, 'bytes')) {
      addTensor(collection, name || 'array', value.state, data);
      return;
    }
    // `np.save` wraps a dict in an object array without dimensions, which adds no level to the names.
    const [only] = data.items;
    if (shape.length === 0 && data.items.length === 1 && only !== undefined) {
      collect(collection, only, name, depth + 1);
    } else {
      data.items.forEach(collectItem);
    }
  } else {
    collection.skipped.add(name ?? '', `a ${describeValue(value)} instead of an array`);
  }
}

function addTensor(
  collection: Collection,
  name: string,
  state: ArrayState,
  data: PickleBytes,
): void {
  const { shape, fortranOrder } = state;
  const type = typeOf(state.dtype);
  if (type.dtype === 'object') {
    throw new FormatError(FORMAT, `${name} is an object array with raw bytes`);
  }
  if (type.dtype === 'other') {
    collection.skipped.add(name, type.title);
    return;
  }
  const { dtype, bigEndian } = type;
  const byteLength = measureTensor(name, dtype, shape);
  const encoded = data.encoding === 'latin1-in-utf8';
  const found = data.inline?.length ?? data.range?.byteLength ?? 0;
  const fits = encoded ? byteLength <= found && found <= 2 * byteLength : found === byteLength;
  if (!fits) {
    throw new FormatError(
      FORMAT,
      `${name}: expected ${byteLength} bytes for ${dtype} ${formatShape(shape)}, found ${found}`,
    );
  }
  if (collection.tensors.has(name)) {
    collection.skipped.add(name, 'a second array of this name');
    return;
  }
  const times = (collection.shared.get(data) ?? 0) + 1;
  collection.shared.set(data, times);
  if (times > MAX_SHARED_ARRAYS) {
    throw new LimitError(`names of one array, such as ${name}`, MAX_SHARED_ARRAYS, times);
  }
  const layout = { dtype, shape, fortranOrder, bigEndian };
  collection.tensors.set(name, {
    name,
    dtype,
    shape,
    byteLength,
    chunks() {
      const bytes = encoded ? createLatin1Source(openBytes(data), byteLength) : openBytes(data);
      return readArrayChunks(bytes, layout);
    },
  });
  if (collection.tensors.size > MAX_TENSORS) {
    throw new LimitError('number of arrays', MAX_TENSORS, collection.tensors.size);
  }
}

/**
 * The byte order is read from the state of the dtype, because Python 2 writes it there and not in the type
 * code.
 */
function typeOf({ structured, byteOrder, code }: PickleDtype): NumpyType {
  return structured ? STRUCTURED_TYPE : parseNumpyType(byteOrder + code);
}
