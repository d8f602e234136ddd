import { FormatError, LimitError } from '../../errors.ts';
import {
  MAX_NAME_BYTES,
  MAX_PICKLE_DEPTH,
  MAX_SHARED_ARRAYS,
  MAX_TENSORS,
} from '../../bytes/limits.ts';
import type { RandomAccessSource } from '../../bytes/source.ts';
import { ELEMENT_BYTES } from '../../tensors/dtype.ts';
import { createSkippedEntries, type SkippedEntries } from '../../tensors/skipped-entries.ts';
import {
  formatShape,
  measureTensor,
  type StoredTensor,
  type TorchModule,
  type WeightFile,
  type WeightFormat,
} from '../../tensors/stored-tensor.ts';
import { isModule, readModuleTree } from './module-tree.ts';
import { createStridedTensor } from '../../tensors/strided-tensor.ts';
import type { PickleBudget } from '../pickle/budget.ts';
import { isKind } from '../pickle/numpy-globals.ts';
import {
  describeValue,
  type PickleDict,
  type PickleValue,
  type TensorState,
} from '../pickle/values.ts';

const FORMAT = 'PyTorch';

/** The keys under which training programs keep the weights in a checkpoint, the usual ones first. */
const WEIGHT_KEYS = [
  ...['state_dict', 'model_state_dict', 'model', 'net', 'network', 'module', 'weights', 'params'],
  ...['model_state', 'state_dict_ema', 'model_ema', 'ema', 'ema_state_dict'],
] as const;

/** Where the bytes of storages are. */
export interface TorchStorages {
  readonly bigEndian: boolean;
  /**
   * Opens the bytes of the storage with this key.
   *
   * @returns `undefined` for a key that the file does not have
   */
  find(key: string): StorageBytes | undefined;
}

/** The bytes of one storage. */
export interface StorageBytes {
  readonly byteLength: number;
  open(): RandomAccessSource | Promise<RandomAccessSource>;
}

/** What {@link readStateDict} reads. */
export interface TorchContent {
  readonly name: string;
  readonly format: WeightFormat;
  /** Length of the file, which bounds the tensors that may share its bytes. */
  readonly fileBytes: number;
  readonly root: PickleValue;
  readonly storages: TorchStorages;
  readonly budget: PickleBudget;
}

interface Collection extends TorchContent {
  readonly tensors: Map<string, StoredTensor>;
  readonly skipped: SkippedEntries;
  bytes: number;
}

/**
 * Collects the tensors of a state dict. In a checkpoint, which holds the weights beside the state of the
 * training, these are the tensors under one of the usual keys, and a note says under which.
 *
 * @throws FormatError for a tensor outside its storage, and for a file without tensors; LimitError
 */
export function readStateDict(content: TorchContent): WeightFile {
  const { root, name, format } = content;
  const tensors = new Map<string, StoredTensor>();
  const collection = { ...content, tensors, skipped: createSkippedEntries(), bytes: 0 };
  const notes: string[] = [];
  const key = findWeights(root);
  const value = key === undefined ? root : (root as PickleDict).entries.get(key);
  const tree = isModule(value) ? readModuleTree(value, content.budget) : undefined;
  if (tree !== undefined) {
    const [{ className }] = tree.modules as [TorchModule];
    notes.push(
      `a whole model, ${className}, is read as data: its weights and settings; nothing was executed`,
    );
  }
  collect(collection, tree?.tensors ?? value!, '', 0);
  if (key !== undefined) {
    const { entries } = root as PickleDict;
    const others = [...entries.keys()].filter((other) => other !== key);
    notes.push(`read from ${key}: the weights of the checkpoint${listOthers(others)}`);
    for (const other of others) collection.skipped.add(other, 'beside the weights');
  }
  if (tensors.size === 0) {
    throw new FormatError(FORMAT, `${name}: expected tensors, found ${describeValue(root)}`);
  }
  const skipped = collection.skipped.list();
  return { format, tensors: [...tensors.values()], skipped, notes, modules: tree?.modules };
}

/** The most keys of a checkpoint that a note names. */
const NAMED = 4;

function listOthers(others: readonly string[]): string {
  if (others.length === 0) return '';
  const more = others.length > NAMED ? ' and others' : '';
  return `; left out: ${others.slice(0, NAMED).join(', ')}${more}`;
}

/**
 * The key of the weights in a checkpoint; `undefined` if the tensors are at the top. A checkpoint may have
 * tensors beside its weights, such as the best accuracy so far, but no names of parameters, which have dots.
 */
function findWeights(root: PickleValue): string | undefined {
  if (!isKind(root, 'dict')) return undefined;
  const isTop = [...root.entries].some(
    ([name, value]) => isKind(value, 'tensor') && name.includes('.'),
  );
  if (isTop) return undefined;
  return WEIGHT_KEYS.find((key) => {
    const value = root.entries.get(key);
    if (isModule(value)) return true;
    return (
      isKind(value, 'dict') && [...value.entries.values()].some((one) => isKind(one, 'tensor'))
    );
  });
}

function collect(collection: Collection, value: PickleValue, name: string, depth: number): void {
  collection.budget.spend('values in a pickle', 1);
  if (depth > MAX_PICKLE_DEPTH) {
    throw new LimitError('nesting of a pickle', MAX_PICKLE_DEPTH, depth);
  }
  if (name.length > MAX_NAME_BYTES) throw new LimitError('name', MAX_NAME_BYTES, name.length);
  const collectItem = (item: PickleValue, key: string | number): void =>
    collect(collection, item, name === '' ? String(key) : `${name}/${key}`, depth + 1);
  if (isKind(value, 'dict')) {
    for (const [key, item] of value.entries) collectItem(item, key);
  } else if (isKind(value, 'list') || isKind(value, 'tuple')) {
    value.items.forEach(collectItem);
  } else if (isKind(value, 'tensor') && value.state !== undefined) {
    addTensor(collection, name === '' ? 'tensor' : name, value.state);
  } else {
    collection.skipped.add(name, `a ${describeValue(value)} instead of a tensor`);
  }
}

function addTensor(collection: Collection, name: string, state: TensorState): void {
  const { tensors, storages, fileBytes } = collection;
  const { storage, dtype, shape, strides } = state;
  if (tensors.has(name)) return collection.skipped.add(name, 'a second tensor of this name');
  const byteLength = measureTensor(name, dtype, shape);
  const found = storages.find(storage.key);
  if (found === undefined) {
    throw new FormatError(FORMAT, `${name}: the file has no storage '${storage.key}'`);
  }
  // An untyped storage counts bytes, and its tensors count elements of their own type.
  const start = (storage.start * ELEMENT_BYTES[storage.dtype]) / ELEMENT_BYTES[dtype];
  const room = (storage.count * ELEMENT_BYTES[storage.dtype]) / ELEMENT_BYTES[dtype];
  const span = shape.includes(0)
    ? 0
    : shape.reduce((sum, size, axis) => sum + (size - 1) * strides[axis]!, 1);
  const needed = (start + state.offset + span) * ELEMENT_BYTES[dtype];
  if (state.offset + span > room || needed > found.byteLength || !Number.isInteger(start)) {
    throw new FormatError(
      FORMAT,
      `${name}: ${dtype} ${formatShape(shape)} at element ${state.offset} with strides ${formatShape(strides)} needs ${needed} bytes, its storage has ${found.byteLength}`,
    );
  }
  if (byteLength > found.byteLength) {
    throw new FormatError(
      FORMAT,
      `${name}: ${dtype} ${formatShape(shape)} repeats the ${found.byteLength} bytes of its storage`,
    );
  }
  collection.bytes += byteLength;
  if (collection.bytes > MAX_SHARED_ARRAYS * fileBytes) {
    throw new LimitError(
      'bytes of tensors that share storages',
      MAX_SHARED_ARRAYS * fileBytes,
      collection.bytes,
    );
  }
  tensors.set(
    name,
    createStridedTensor({
      name,
      dtype,
      shape,
      strides,
      offset: start + state.offset,
      bigEndian: storages.bigEndian,
      open: () => found.open(),
    }),
  );
  if (tensors.size > MAX_TENSORS) {
    throw new LimitError('number of tensors', MAX_TENSORS, tensors.size);
  }
}
