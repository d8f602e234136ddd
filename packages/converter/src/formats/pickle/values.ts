import type { DType } from '../../tensors/dtype.ts';
import { createMemorySource, type RandomAccessSource } from '../../bytes/source.ts';

/**
 * The values that the pickle machine can create. All of them are plain data; none is an instance of a class
 * that the pickle names.
 */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | PickleBytes
  | PickleText
  | PickleList
  | PickleTuple
  | PickleDict
  | PickleGlobal
  | PickleDtype
  | PickleArray
  | PickleStorage
  | PickleTensor
  | PickleRecord;

/** The bytes of a Python 2 `str` or of `bytes`, as a range of the file. */
export interface PickleBytes {
  readonly kind: 'bytes';
  /** `latin1-in-utf8`: bytes that Python 3 wrote as text under protocol 2. */
  readonly encoding: 'raw' | 'latin1-in-utf8';
  /** The content of a short string, which may be a name. The content of a long one is in `range`. */
  readonly inline: Uint8Array | undefined;
  /** The pickled bytes of a long string, encoded as `encoding` says. */
  readonly range: RandomAccessSource | undefined;
  /** The content as text, stored at its first use: one memoised string can be the key of many entries. */
  name?: string;
}

/** Opens the pickled bytes as a source. */
export function openBytes({ inline, range }: PickleBytes): RandomAccessSource {
  return range ?? createMemorySource('pickle', inline ?? new Uint8Array(0));
}

/** Text that is too long to be a name. `_codecs.encode` converts it to bytes. */
export interface PickleText {
  readonly kind: 'text';
  /** The text in UTF-8. */
  readonly source: RandomAccessSource;
}

/** A list; APPEND adds to it. */
export interface PickleList {
  readonly kind: 'list';
  readonly items: PickleValue[];
}

/** A tuple. */
export interface PickleTuple {
  readonly kind: 'tuple';
  readonly items: readonly PickleValue[];
}

/** A dict. Its keys are kept as texts in a map, so that no key can reach an object's prototype. */
export interface PickleDict {
  readonly kind: 'dict';
  readonly entries: Map<string, PickleValue>;
}

/** One of the allowed globals, represented by its role. */
export interface PickleGlobal {
  readonly kind: 'global';
  readonly role: GlobalRole;
  /** The type of the elements, for a storage or a type of PyTorch. */
  readonly dtype?: DType | undefined;
  /** The class of a module of PyTorch. */
  readonly className?: string | undefined;
}

/**
 * An object of a class that is known by its name alone. Of a module, the attributes are kept as data; of
 * other classes, such as the arguments of a program, nothing is.
 */
export interface PickleRecord {
  readonly kind: 'record';
  /** The class of a module of PyTorch. */
  readonly className?: string | undefined;
  attributes?: PickleDict | undefined;
}

/** The roles of the allowed globals. */
export type GlobalRole =
  | 'reconstruct'
  | 'scalar'
  | 'ndarray'
  | 'dtype'
  | 'encode'
  | 'bytes'
  | 'frombuffer'
  | 'OrderedDict'
  | TorchRole;

/** The roles of PyTorch's globals; see `formats/torch/torch-globals.ts`. */
export type TorchRole =
  | 'torch-storage'
  | 'torch-tensor'
  | 'torch-typed-tensor'
  | 'torch-old-tensor'
  | 'torch-parameter'
  | 'torch-old-parameter'
  | 'torch-dtype'
  | 'torch-size'
  | 'torch-beside'
  | 'torch-module'
  | 'torch-dict'
  | 'torch-device';

/** A numpy dtype. BUILD sets its byte order, which then also holds for arrays that already refer to it. */
export interface PickleDtype {
  readonly kind: 'dtype';
  /** The type code, for example `f4` or `O8`. */
  readonly code: string;
  /** True if BUILD found that the dtype consists of fields or of subarrays. */
  structured: boolean;
  /** `<`, `>`, `|`, `=`. */
  byteOrder: string;
}

/** A numpy array or scalar; BUILD gives it its state. */
export interface PickleArray {
  readonly kind: 'array';
  state: ArrayState | undefined;
}

/** The state of an array. */
export interface ArrayState {
  readonly shape: readonly number[];
  readonly dtype: PickleDtype;
  readonly fortranOrder: boolean;
  /** The raw elements, or the objects of an object array in row-major order. */
  readonly data: PickleBytes | PickleList;
}

/** A storage of PyTorch: numbers of one type, whose place in the file its key tells. */
export interface PickleStorage {
  readonly kind: 'storage';
  readonly key: string;
  /** The type of its elements; `uint8` for an untyped storage, whose tensors state their type. */
  readonly dtype: DType;
  /** The number of elements. */
  readonly count: number;
  /** The first element in the storage that the key names, which is larger for a view of another storage. */
  readonly start: number;
}

/** A tensor of PyTorch: some elements of a storage. */
export interface PickleTensor {
  readonly kind: 'tensor';
  /** `undefined` until BUILD states it, as the first versions of PyTorch did. */
  state: TensorState | undefined;
}

/** The place of a tensor's elements in its storage. */
export interface TensorState {
  readonly storage: PickleStorage;
  readonly dtype: DType;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

/** Names a value's kind for messages. */
export function describeValue(value: PickleValue | undefined): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'None';
  return typeof value === 'object' ? value.kind : typeof value;
}
