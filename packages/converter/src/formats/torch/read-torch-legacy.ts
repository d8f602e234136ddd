import { FormatError } from '../../errors.ts';
import { sliceSource, type RandomAccessSource } from '../../bytes/source.ts';
import { ELEMENT_BYTES, type DType } from '../../tensors/dtype.ts';
import type { WeightFile } from '../../tensors/stored-tensor.ts';
import { createPickleBudget } from '../pickle/budget.ts';
import { runPickleAt } from '../pickle/machine.ts';
import { isKind, toName } from '../pickle/numpy-globals.ts';
import type { PickleValue } from '../pickle/values.ts';
import { readStateDict, type StorageBytes } from './state-dict.ts';
import {
  buildTorchObject,
  callTorchGlobal,
  readStorageId,
  resolveTorchGlobal,
} from './torch-globals.ts';

const FORMAT = 'PyTorch';
const MAGIC_NUMBER = 0x1950a86a20f9469cfc6cn;
const PROTOCOL_VERSION = 1001;

/**
 * Reads the container that `torch.save` wrote before version 1.6: pickles of a magic number, a version, facts
 * about the machine, the objects and the keys of their storages, and then the storages one after the other.
 *
 * @throws UnsupportedError for a pickle of anything else than tensors; FormatError, LimitError
 */
export async function readTorchLegacy(source: RandomAccessSource): Promise<WeightFile> {
  const budget = createPickleBudget();
  const types = new Map<string, DType>();
  const dialect = {
    resolveGlobal: resolveTorchGlobal,
    callGlobal: callTorchGlobal,
    buildObject: buildTorchObject,
    findPersistent(id: PickleValue, offset: number): PickleValue {
      const storage = readStorageId(id, offset);
      if (storage.kind === 'global') return storage;
      const known = types.get(storage.key);
      if (known !== undefined && known !== storage.dtype) {
        throw new FormatError(FORMAT, `storage '${storage.key}' has two types`, offset);
      }
      types.set(storage.key, storage.dtype);
      return storage;
    },
  };
  let position = 0;
  const next = async (): Promise<PickleValue> => {
    const { value, end } = await runPickleAt(source, position, budget, dialect);
    position = end;
    return value;
  };
  const [magic, version, system] = [await next(), await next(), await next()];
  if (magic !== MAGIC_NUMBER || version !== PROTOCOL_VERSION || !isKind(system, 'dict')) {
    throw new FormatError(
      FORMAT,
      `${source.name}: expected version ${PROTOCOL_VERSION} of the container`,
    );
  }
  const bigEndian = system.entries.get('little_endian') === false;
  const root = await next();
  const keys = await next();
  if (!isKind(keys, 'list')) throw new FormatError(FORMAT, 'expected the list of storage keys');
  const storages = await locateStorages(source, position, keys.items, types, bigEndian);
  return readStateDict({
    name: source.name,
    format: 'torch-legacy',
    fileBytes: source.byteLength,
    root,
    budget,
    storages: { bigEndian, find: (key) => storages.get(key) },
  });
}

/** Finds the bytes of each storage: the number of its elements as eight bytes, followed by the elements. */
async function locateStorages(
  source: RandomAccessSource,
  start: number,
  keys: readonly PickleValue[],
  types: ReadonlyMap<string, DType>,
  bigEndian: boolean,
): Promise<Map<string, StorageBytes>> {
  const places = new Map<string, StorageBytes>();
  let position = start;
  for (const item of keys) {
    const key = typeof item === 'number' ? String(item) : toName(item);
    const dtype = types.get(key ?? '');
    if (key === undefined || dtype === undefined || places.has(key)) {
      throw new FormatError(FORMAT, `a key of a storage that no tensor has`, position);
    }
    const head = await source.read(position, 8);
    const view = new DataView(head.buffer, head.byteOffset, 8);
    const count = Number(view.getBigInt64(0, !bigEndian));
    const byteLength = count * ELEMENT_BYTES[dtype];
    const from = position + 8;
    if (!Number.isSafeInteger(count) || count < 0 || from + byteLength > source.byteLength) {
      throw new FormatError(
        FORMAT,
        `${source.name}: storage '${key}' has ${count} elements of ${dtype}, more than the file holds; the file is truncated`,
        position,
      );
    }
    places.set(key, { byteLength, open: () => sliceSource(source, from, byteLength) });
    position = from + byteLength;
  }
  return places;
}
