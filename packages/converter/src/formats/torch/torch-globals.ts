import { FormatError, UnsupportedError } from '../../errors.ts';
import type { DType } from '../../tensors/dtype.ts';
import {
  buildObject as buildNumpyObject,
  callGlobal as callNumpyGlobal,
  findNumpyRole,
  isKind,
  toName,
  toShape,
  type CallContext,
} from '../pickle/numpy-globals.ts';
import {
  describeValue,
  type PickleGlobal,
  type PickleStorage,
  type PickleTensor,
  type PickleValue,
} from '../pickle/values.ts';
import { nextStepForModules } from './export-lines.ts';
import { findModuleClass } from './known-modules.ts';
import { refuseGlobal } from './refuse-global.ts';

const FORMAT = 'pickle';

/** The types of elements by the first part of the names of their storages. */
const STORAGES: Readonly<Record<string, DType>> = {
  Float: 'float32',
  Double: 'float64',
  Half: 'float16',
  BFloat16: 'bfloat16',
  Char: 'int8',
  Byte: 'uint8',
  Short: 'int16',
  Int: 'int32',
  Long: 'int64',
  Bool: 'bool',
  ComplexFloat: 'complex64',
  ComplexDouble: 'complex128',
};

/** The types of elements by their names in the module `torch`. */
const DTYPES: ReadonlySet<string> = new Set([
  ...Object.values(STORAGES),
  ...['uint16', 'uint32', 'uint64'],
]);

/** The other globals that `torch.save` writes for tensors, each with its role. */
const ALLOWED: ReadonlyMap<string, PickleGlobal['role']> = new Map([
  ['torch._utils _rebuild_tensor', 'torch-tensor'],
  ['torch._utils _rebuild_tensor_v2', 'torch-tensor'],
  ['torch._utils _rebuild_tensor_v3', 'torch-typed-tensor'],
  ['torch._utils _rebuild_parameter', 'torch-parameter'],
  ['torch.nn.parameter Parameter', 'torch-old-parameter'],
  ['torch Size', 'torch-size'],
  ['torch device', 'torch-device'],
]);

/**
 * Classes of values that programs save beside the weights: their arguments, paths, times, sets. They hold no
 * tensors that are read, so an object of such a class is a place without content, and nothing is called.
 */
const BESIDE: ReadonlySet<string> = new Set([
  'argparse Namespace',
  ...['pathlib', 'pathlib._local'].flatMap((module) =>
    ['Path', 'PosixPath', 'WindowsPath', 'PurePosixPath', 'PureWindowsPath'].map(
      (name) => `${module} ${name}`,
    ),
  ),
  ...['date', 'datetime', 'time', 'timedelta', 'timezone'].map((name) => `datetime ${name}`),
  ...['__builtin__', 'builtins'].flatMap((module) =>
    ['set', 'frozenset', 'slice', 'range', 'xrange', 'complex'].map((name) => `${module} ${name}`),
  ),
  ...['uuid UUID', 'decimal Decimal', 'types SimpleNamespace'],
]);

/** Classes whose objects are dicts. */
const DICTS: ReadonlySet<string> = new Set([
  ...['collections defaultdict', 'collections Counter', '__builtin__ dict', 'builtins dict'],
  ...['lightning_fabric', 'lightning.fabric', 'pytorch_lightning'].map(
    (library) =>
      `${library}.utilities.${library === 'pytorch_lightning' ? 'parsing' : 'data'} AttributeDict`,
  ),
  'easydict EasyDict',
]);

/** Types that a default dict makes new values of. */
const FACTORIES: ReadonlySet<string> = new Set(['list', 'int', 'float', 'str', 'bool', 'tuple']);

/**
 * Finds an allowed global: those of tensors, and those of numpy, which checkpoints hold beside their weights.
 *
 * @throws UnsupportedError for every other global, with its name: calling it could run any code
 */
export function resolveTorchGlobal(module: string, name: string, offset: number): PickleGlobal {
  const role = ALLOWED.get(`${module} ${name}`) ?? findNumpyRole(module, name);
  if (role !== undefined) return { kind: 'global', role };
  const full = `${module} ${name}`;
  if (DICTS.has(full)) return { kind: 'global', role: 'torch-dict' };
  const isType = /^(__builtin__|builtins)$/.test(module) && FACTORIES.has(name);
  const className = findModuleClass(module, name);
  if (className !== undefined) return { kind: 'global', role: 'torch-module', className };
  if (isType || BESIDE.has(full)) return { kind: 'global', role: 'torch-beside' };
  if (module === 'torch' || module === 'torch.storage') {
    if (/^(Untyped|_Untyped)Storage$/.test(name)) {
      return { kind: 'global', role: 'torch-storage', dtype: 'uint8' };
    }
    const [, type = '', what] = /^(.+?)(Storage|Tensor)$/.exec(name) ?? [];
    const dtype = Object.hasOwn(STORAGES, type) ? STORAGES[type] : undefined;
    if (dtype !== undefined) {
      const kind = what === 'Storage' ? 'torch-storage' : 'torch-old-tensor';
      return { kind: 'global', role: kind, dtype };
    }
    if (DTYPES.has(name)) return { kind: 'global', role: 'torch-dtype', dtype: name as DType };
  }
  throw refuseGlobal(module, name, offset);
}

/** Opcode REDUCE or NEWOBJ for the globals of PyTorch and of numpy. */
export function callTorchGlobal(
  callee: PickleValue,
  args: PickleValue,
  offset: number,
  context: CallContext,
): PickleValue {
  if (!isKind(callee, 'global') || !isKind(args, 'tuple')) {
    throw new FormatError(FORMAT, `REDUCE of ${describeValue(callee)}`, offset);
  }
  const [first, second, third, fourth] = args.items;
  switch (callee.role) {
    case 'torch-tensor':
      return makeTensor(first, second, third, fourth, undefined, offset);
    case 'torch-typed-tensor': {
      const type = args.items[6];
      if (!isKind(type, 'global') || type.role !== 'torch-dtype') break;
      return makeTensor(first, second, third, fourth, type.dtype, offset);
    }
    case 'torch-old-tensor':
      return { kind: 'tensor', state: undefined };
    case 'torch-parameter':
    case 'torch-old-parameter':
      if (isKind(first, 'tensor')) return first;
      break;
    case 'torch-size':
      if (isKind(first, 'tuple')) return first;
      break;
    case 'torch-device':
      return null;
    case 'torch-beside':
      return { kind: 'record' };
    case 'torch-module':
      return { kind: 'record', className: callee.className };
    case 'torch-dict':
      return { kind: 'dict', entries: new Map() };
    case 'OrderedDict':
      if (args.items.length === 1) return makeDict(first, offset);
      return callNumpyGlobal(callee, args, offset, context);
    default:
      return callNumpyGlobal(callee, args, offset, context);
  }
  throw new FormatError(FORMAT, `bad arguments for ${callee.role}`, offset);
}

/**
 * Opcode BUILD. Attributes of dicts (`_metadata`), the flags of old parameters and the state of objects
 * beside the weights are not needed.
 */
export function buildTorchObject(target: PickleValue, state: PickleValue, offset: number): void {
  if (isKind(target, 'dict') && isKind(state, 'dict')) return;
  if (isKind(target, 'record')) {
    // A second state would change what was read already.
    if (target.className !== undefined && isKind(state, 'dict')) target.attributes ??= state;
    return;
  }
  if (!isKind(target, 'tensor')) return buildNumpyObject(target, state, offset);
  if (target.state !== undefined) return;
  if (!isKind(state, 'tuple')) throw new FormatError(FORMAT, 'bad state of a tensor', offset);
  const [storage, start, shape, strides] = state.items;
  target.state = makeTensor(storage, start, shape, strides, undefined, offset).state;
}

/**
 * Reads the persistent id of a storage: `('storage', type, key, location, count, view)`.
 *
 * @throws FormatError, UnsupportedError for the source of a module, which whole models carry
 */
export function readStorageId(id: PickleValue, offset: number): PickleStorage | PickleGlobal {
  const items = isKind(id, 'tuple') ? id.items : [];
  const [what, type, key, , count, view] = items;
  if (toName(what) === 'module') {
    // The class of a module with its source, which is not read.
    if (isKind(type, 'global') && type.role === 'torch-module') return type;
    throw new UnsupportedError(
      'pickled module',
      `the pickle holds a whole module; the file is refused, and nothing was executed; ${nextStepForModules}`,
    );
  }
  const name = typeof key === 'number' ? String(key) : toName(key);
  const isStorage = isKind(type, 'global') && type.role === 'torch-storage';
  if (toName(what) !== 'storage' || !isStorage || name === undefined || !isCount(count)) {
    throw new FormatError(FORMAT, 'bad persistent id of a storage', offset);
  }
  const whole = { kind: 'storage', key: name, dtype: type.dtype ?? 'uint8', count, start: 0 };
  if (!isKind(view, 'tuple')) return whole as PickleStorage;
  const [, start, length] = view.items;
  if (!isCount(start) || !isCount(length) || start + length > count) {
    throw new FormatError(FORMAT, 'bad view of a storage', offset);
  }
  return { ...whole, count: length, start } as PickleStorage;
}

function makeTensor(
  storage: PickleValue | undefined,
  start: PickleValue | undefined,
  shapeItem: PickleValue | undefined,
  stridesItem: PickleValue | undefined,
  dtype: DType | undefined,
  offset: number,
): PickleTensor {
  const shape = toShape(shapeItem);
  const strides = toShape(stridesItem);
  if (!isKind(storage, 'storage') || !isCount(start) || !shape || !strides) {
    throw new FormatError(FORMAT, 'bad arguments for a tensor', offset);
  }
  if (strides.length !== shape.length) {
    throw new FormatError(FORMAT, 'a tensor with another number of strides than axes', offset);
  }
  const state = { storage, dtype: dtype ?? storage.dtype, offset: start, shape, strides };
  return { kind: 'tensor', state };
}

/** Python 2 writes an OrderedDict as a list of its pairs. */
function makeDict(pairs: PickleValue | undefined, offset: number): PickleValue {
  const entries = new Map<string, PickleValue>();
  for (const pair of isKind(pairs, 'list') ? pairs.items : [null]) {
    const [key, value] = isKind(pair, 'list') || isKind(pair, 'tuple') ? pair.items : [];
    const name = typeof key === 'number' ? String(key) : toName(key);
    if (name === undefined || value === undefined) {
      throw new FormatError(FORMAT, 'bad arguments for OrderedDict', offset);
    }
    entries.set(name, value);
  }
  return { kind: 'dict', entries };
}

function isCount(value: PickleValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
