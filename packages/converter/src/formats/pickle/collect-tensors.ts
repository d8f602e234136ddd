import { FormatError, LimitError } from '../../errors.ts';
import {
  MAX_NAME_BYTES,
  MAX_PICKLE_DEPTH,
  MAX_PICKLE_VALUES,
  MAX_TENSORS,
} from '../../bytes/limits.ts';
import { sliceSource, type RandomAccessSource } from '../../bytes/source.ts';
import { readArrayChunks } from '../../tensors/array-chunks.ts';
import {
  formatShape,
  measureTensor,
  type SkippedEntry,
  type StoredTensor,
} from '../../tensors/stored-tensor.ts';
import { parseNumpyType } from '../npy/descr.ts';
import { createLatin1Source } from './latin1-source.ts';
import { runPickle } from './machine.ts';
import { isKind } from './numpy-globals.ts';
import { describeValue, type ArrayState, type PickleBytes, type PickleValue } from './values.ts';

/** The arrays in a pickle. */
export interface PickledTensors {
  /** Named by their path: `conv1_1/0` for the first item of a list under key `conv1_1`. */
  readonly tensors: readonly StoredTensor[];
  readonly skipped: readonly SkippedEntry[];
}

const FORMAT = 'pickle';

interface Collection {
  readonly tensors: Map<string, StoredTensor>;
  readonly skipped: SkippedEntry[];
  /** Containers and leaves seen: shared references could make a small pickle endless. */
  visited: number;
}

/**
 * Runs a pickle and collects the numeric arrays in its dicts, lists, tuples and object arrays.
 *
 * @throws FormatError, UnsupportedError, LimitError
 */
export async function readPickledTensors(source: RandomAccessSource): Promise<PickledTensors> {
  const root = await runPickle(source);
  const collection: Collection = { tensors: new Map(), skipped: [], visited: 0 };
  collect(collection, root, []);
  if (collection.tensors.size === 0) {
    throw new FormatError(FORMAT, `${source.name} holds no arrays, but ${describeValue(root)}`);
  }
  return { tensors: [...collection.tensors.values()], skipped: collection.skipped };
}

function collect(collection: Collection, value: PickleValue, path: readonly string[]): void {
  collection.visited++;
  if (collection.visited > MAX_PICKLE_VALUES) {
    throw new LimitError('values in a pickle', MAX_PICKLE_VALUES, collection.visited);
  }
  if (path.length > MAX_PICKLE_DEPTH) {
    throw new LimitError('nesting of a pickle', MAX_PICKLE_DEPTH, path.length);
  }
  if (isKind(value, 'dict')) {
    for (const [key, item] of value.entries) collect(collection, item, [...path, key]);
  } else if (isKind(value, 'list') || isKind(value, 'tuple')) {
    value.items.forEach((item, index) => collect(collection, item, [...path, String(index)]));
  } else if (isKind(value, 'array') && value.state !== undefined) {
    collectArray(collection, value.state, path);
  } else {
    const name = path.join('/');
    collection.skipped.push({ name, reason: `a ${describeValue(value)}, not an array` });
  }
}

function collectArray(collection: Collection, state: ArrayState, path: readonly string[]): void {
  const { data } = state;
  if (isKind(data, 'bytes')) {
    addTensor(collection, path.join('/') || 'array', state, data);
    return;
  }
  // np.save of a dict is an object array without dimensions: no level of its own in the name.
  const [only] = data.items;
  if (state.shape.length === 0 && data.items.length === 1 && only !== undefined) {
    collect(collection, only, path);
  } else {
    data.items.forEach((item, index) => collect(collection, item, [...path, String(index)]));
  }
}

function addTensor(
  collection: Collection,
  name: string,
  state: ArrayState,
  data: PickleBytes,
): void {
  const { shape, fortranOrder } = state;
  // Only letters and digits of the code: the byte order comes from the dtype's own state.
  const { dtype, bigEndian } = parseNumpyType(state.dtype.byteOrder + state.dtype.code);
  if (dtype === 'object') {
    throw new FormatError(FORMAT, `${name} is an object array with raw bytes`);
  }
  if (name.length > MAX_NAME_BYTES) throw new LimitError('name', MAX_NAME_BYTES, name.length);
  const byteLength = measureTensor(name, dtype, shape);
  const encoded = data.encoding === 'latin1-in-utf8';
  const { byteLength: found } = data.source;
  const fits = encoded ? byteLength <= found && found <= 2 * byteLength : found === byteLength;
  if (!fits) {
    throw new FormatError(
      FORMAT,
      `${name} is ${dtype} ${formatShape(shape)}, ${byteLength} bytes, but has ${found}`,
    );
  }
  if (collection.tensors.has(name)) {
    collection.skipped.push({ name, reason: 'a second array of this name' });
    return;
  }
  const layout = { dtype, shape, fortranOrder, bigEndian };
  collection.tensors.set(name, {
    name,
    dtype,
    shape,
    byteLength,
    chunks() {
      const bytes = encoded
        ? createLatin1Source(data.source, byteLength)
        : sliceSource(data.source, 0, byteLength);
      return readArrayChunks(bytes, layout);
    },
  });
  if (collection.tensors.size > MAX_TENSORS) {
    throw new LimitError('number of arrays', MAX_TENSORS, collection.tensors.size);
  }
}
