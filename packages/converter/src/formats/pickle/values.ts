import { createMemorySource, type RandomAccessSource } from '../../bytes/source.ts';

/**
 * The values that the pickle machine can make. All are plain data; none is an object of a class that the
 * pickle names.
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
  | PickleArray;

/** A Python 2 `str`, or `bytes`: a range of the file. */
export interface PickleBytes {
  readonly kind: 'bytes';
  /** `latin1-in-utf8`: bytes that Python 3 wrote as text under protocol 2. */
  readonly encoding: 'raw' | 'latin1-in-utf8';
  /** The content of short ones, which may be names; else `range` has it. */
  readonly inline: Uint8Array | undefined;
  /** The pickled bytes of long ones; see `encoding`. */
  readonly range: RandomAccessSource | undefined;
  /** The content as text, once it was asked for: one memoised string can be the key of many entries. */
  name?: string;
}

/** The pickled bytes as a source. */
export function openBytes({ inline, range }: PickleBytes): RandomAccessSource {
  return range ?? createMemorySource('pickle', inline ?? new Uint8Array(0));
}

/** Text too long to be a name; `_codecs.encode` makes bytes of it. */
export interface PickleText {
  readonly kind: 'text';
  /** UTF-8. */
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

/** A dict; keys are texts, so that no key can reach into an object's prototype. */
export interface PickleDict {
  readonly kind: 'dict';
  readonly entries: Map<string, PickleValue>;
}

/** One of the allowed globals, by its role. */
export interface PickleGlobal {
  readonly kind: 'global';
  readonly role: GlobalRole;
}

/** What the allowed globals are for. */
export type GlobalRole =
  | 'reconstruct'
  | 'scalar'
  | 'ndarray'
  | 'dtype'
  | 'encode'
  | 'bytes'
  | 'frombuffer'
  | 'OrderedDict';

/** A numpy dtype; BUILD sets its byte order, also for arrays that already refer to it. */
export interface PickleDtype {
  readonly kind: 'dtype';
  /** E.g. `f4`, `O8`. */
  readonly code: string;
  /** Set by the state of one that is made of fields or of subarrays. */
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
  /** Raw elements, or the objects of an object array in row-major order. */
  readonly data: PickleBytes | PickleList;
}

/** The name of a value's kind in messages. */
export function describeValue(value: PickleValue | undefined): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'None';
  return typeof value === 'object' ? value.kind : typeof value;
}
