import { FormatError, LimitError } from '../../errors.ts';
import { MAX_RANK, MAX_TENSORS } from '../../bytes/limits.ts';
import { sliceSource, type RandomAccessSource } from '../../bytes/source.ts';
import { ELEMENT_BYTES } from '../../tensors/dtype.ts';
import type { WeightFile } from '../../tensors/stored-tensor.ts';
import { createPickleBudget, type PickleBudget } from '../pickle/budget.ts';
import { runPickleAt } from '../pickle/machine.ts';
import { isKind, toName } from '../pickle/numpy-globals.ts';
import type { PickleStorage, PickleTensor, PickleValue } from '../pickle/values.ts';
import { readStateDict, type StorageBytes } from './state-dict.ts';
import { findTarMembers } from './tar-members.ts';
import { buildTorchObject, callTorchGlobal, resolveTorchGlobal } from './torch-globals.ts';

const FORMAT = 'PyTorch';
const GLOBALS = {
  resolveGlobal: resolveTorchGlobal,
  callGlobal: callTorchGlobal,
  buildObject: buildTorchObject,
};

/**
 * Reads the tar that `torch.save` wrote before version 0.1.10: `storages` and `tensors`, in each of which
 * pickles and numbers take turns, and `pickle` with the objects, which refers to both by numbers.
 *
 * @throws UnsupportedError for a pickle of anything else than tensors; FormatError, LimitError
 */
export async function readTorchTar(source: RandomAccessSource): Promise<WeightFile> {
  const members = await findTarMembers(source);
  const [storageFile, tensorFile, pickle] = ['storages', 'tensors', 'pickle'].map((name) => {
    const member = members.get(name);
    if (member !== undefined) return member;
    throw new FormatError(FORMAT, `${source.name}: the tar has no member ${name}`);
  });
  const budget = createPickleBudget();
  const places = new Map<string, StorageBytes>();
  const objects = new Map<string, PickleStorage | PickleTensor>();
  await readStorages(storageFile!, budget, places, objects);
  await readTensors(tensorFile!, budget, objects);
  const findPersistent = (id: PickleValue, offset: number): PickleValue => {
    const found = objects.get(nameKey(id));
    if (found !== undefined) return found;
    throw new FormatError(FORMAT, 'a number that belongs to no tensor', offset);
  };
  const { value } = await runPickleAt(pickle!, 0, budget, { ...GLOBALS, findPersistent });
  return readStateDict({
    name: source.name,
    format: 'torch-tar',
    fileBytes: source.byteLength,
    root: value,
    budget,
    storages: { bigEndian: false, find: (key) => places.get(key) },
  });
}

async function readStorages(
  file: RandomAccessSource,
  budget: PickleBudget,
  places: Map<string, StorageBytes>,
  objects: Map<string, PickleStorage | PickleTensor>,
): Promise<void> {
  let { value, end } = await runPickleAt(file, 0, budget, GLOBALS);
  for (let left = toCount(value); left > 0; left--) {
    ({ value, end } = await runPickleAt(file, end, budget, GLOBALS));
    const [id, , type] = isKind(value, 'tuple') ? value.items : [];
    if (!isKind(type, 'global') || type.role !== 'torch-storage' || type.dtype === undefined) {
      throw new FormatError(FORMAT, 'bad head of a storage', end);
    }
    const head = await file.read(end, 8);
    const count = Number(new DataView(head.buffer, head.byteOffset, 8).getBigInt64(0, true));
    const byteLength = count * ELEMENT_BYTES[type.dtype];
    const bytes = sliceSource(file, end + 8, byteLength);
    const key = nameKey(id);
    places.set(key, { byteLength, open: () => bytes });
    objects.set(key, { kind: 'storage', key, dtype: type.dtype, count, start: 0 });
    end += 8 + byteLength;
  }
  ({ value, end } = await runPickleAt(file, end, budget, GLOBALS));
  for (const view of isKind(value, 'list') ? value.items : []) {
    const [key, root, start, count] = isKind(view, 'tuple') ? view.items : [];
    const storage = objects.get(nameKey(root));
    if (!isKind(storage, 'storage')) throw new FormatError(FORMAT, 'a view of no storage');
    const [first, length] = [start, count].map(Number);
    if (!(first! >= 0 && length! >= 0 && first! + length! <= storage.count)) {
      throw new FormatError(FORMAT, 'bad view of a storage');
    }
    objects.set(nameKey(key), { ...storage, start: first!, count: length! });
  }
}

async function readTensors(
  file: RandomAccessSource,
  budget: PickleBudget,
  objects: Map<string, PickleStorage | PickleTensor>,
): Promise<void> {
  let { value, end } = await runPickleAt(file, 0, budget, GLOBALS);
  for (let left = toCount(value); left > 0; left--) {
    ({ value, end } = await runPickleAt(file, end, budget, GLOBALS));
    const [key, root] = isKind(value, 'tuple') ? value.items : [];
    const storage = objects.get(nameKey(root));
    if (!isKind(storage, 'storage')) throw new FormatError(FORMAT, 'a tensor of no storage', end);
    // The four bytes after the rank are not defined.
    const head = await file.read(end, 8);
    const rank = new DataView(head.buffer, head.byteOffset, 8).getUint32(0, true);
    if (rank > MAX_RANK) throw new LimitError('rank of a tensor', MAX_RANK, rank);
    const numbers = await readNumbers(file, end + 8, 2 * rank + 1);
    end += 8 + 8 * numbers.length;
    const state = {
      storage,
      dtype: storage.dtype,
      offset: numbers[2 * rank]!,
      shape: numbers.slice(0, rank),
      strides: numbers.slice(rank, 2 * rank),
    };
    objects.set(nameKey(key), { kind: 'tensor', state });
  }
}

/** Numbers of eight bytes, none below 0. */
async function readNumbers(
  file: RandomAccessSource,
  offset: number,
  count: number,
): Promise<number[]> {
  const bytes = await file.read(offset, 8 * count);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: count }, (_, index) => {
    const number = Number(view.getBigInt64(8 * index, true));
    if (Number.isSafeInteger(number) && number >= 0) return number;
    throw new FormatError(FORMAT, 'bad number of a tensor', offset + 8 * index);
  });
}

function nameKey(value: PickleValue | undefined): string {
  const name = typeof value === 'number' || typeof value === 'bigint' ? `${value}` : toName(value);
  if (name !== undefined) return name;
  throw new FormatError(FORMAT, 'a key that is no number');
}

function toCount(value: PickleValue | undefined): number {
  const isCount = typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
  if (!isCount) throw new FormatError(FORMAT, 'expected a count');
  if (value > MAX_TENSORS) throw new LimitError('number of tensors', MAX_TENSORS, value);
  return value;
}
