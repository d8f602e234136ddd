import { FormatError, UnsupportedError } from '../../errors.ts';
import { MAX_RANK } from '../../bytes/limits.ts';
import type { PickleBudget } from './budget.ts';
import { createBytes, decodeLatin1 } from './literals.ts';
import {
  describeValue,
  type ArrayState,
  type GlobalRole,
  type PickleArray,
  type PickleBytes,
  type PickleDtype,
  type PickleGlobal,
  type PickleList,
  type PickleValue,
} from './values.ts';

/**
 * The only globals that a pickle may name, each with its role. No global is looked up by name anywhere
 * else: the role selects one of the functions below.
 */
const ALLOWED: ReadonlyMap<string, GlobalRole> = new Map([
  ['numpy.core.multiarray _reconstruct', 'reconstruct'],
  ['numpy._core.multiarray _reconstruct', 'reconstruct'],
  ['numpy.core.multiarray scalar', 'scalar'],
  ['numpy._core.multiarray scalar', 'scalar'],
  ['numpy.core.numeric _frombuffer', 'frombuffer'],
  ['numpy._core.numeric _frombuffer', 'frombuffer'],
  ['numpy ndarray', 'ndarray'],
  ['numpy dtype', 'dtype'],
  ['_codecs encode', 'encode'],
  ['__builtin__ bytes', 'bytes'],
  ['builtins bytes', 'bytes'],
  ['collections OrderedDict', 'OrderedDict'],
]);

const FORMAT = 'pickle';
/** A generous limit for numpy's type codes, which are shorter. */
const MAX_CODE_LENGTH = 32;

/**
 * The results of `_codecs.encode` by their text: a pickle can call it many times on one memoised text at
 * the cost of few bytes, and all these calls share one result.
 */
export type EncodedTexts = Map<string, PickleBytes>;

/**
 * What the globals of a pickle mean. It is the only place where a name in a pickle is looked up.
 */
export interface PickleDialect {
  /** @throws UnsupportedError for every global that is not allowed. */
  resolveGlobal(module: string, name: string, offset: number): PickleGlobal;
  /** Opcode REDUCE or NEWOBJ: what an allowed global returns for its arguments. */
  callGlobal(
    callee: PickleValue,
    args: PickleValue,
    offset: number,
    context: CallContext,
  ): PickleValue;
  /** Opcode BUILD: gives an object its state. */
  buildObject(target: PickleValue, state: PickleValue, offset: number): void;
  /** What a persistent id stands for. Without it, the opcodes of persistent ids are refused. */
  findPersistent?(id: PickleValue, offset: number): PickleValue;
}

/** What the calls of one pickle share: the encoded texts and the budget. */
export interface CallContext {
  readonly encoded: EncodedTexts;
  readonly budget: PickleBudget;
}

/**
 * Finds the allowed global of this name.
 *
 * @throws UnsupportedError for every other global, with its name: calling it could run any code
 */
export function resolveGlobal(module: string, name: string, offset: number): PickleGlobal {
  const role = findNumpyRole(module, name);
  if (role !== undefined) return { kind: 'global', role };
  const shown = JSON.stringify(`${module}.${name}`.slice(0, 80));
  throw new UnsupportedError(
    `pickle global ${module}.${name}`,
    `the pickle names the global ${shown} (byte ${offset}), which is not needed for arrays; the file is refused, and nothing was executed`,
  );
}

/** Opcode REDUCE: what an allowed global returns for its arguments. */
export function callGlobal(
  callee: PickleValue,
  args: PickleValue,
  offset: number,
  context: CallContext,
): PickleValue {
  if (!isKind(callee, 'global') || !isKind(args, 'tuple')) {
    throw new FormatError(FORMAT, `REDUCE of ${describeValue(callee)}`, offset);
  }
  const [first, second, third] = args.items;
  switch (callee.role) {
    case 'reconstruct':
      return { kind: 'array', state: undefined };
    case 'dtype': {
      const code = toName(first);
      if (code === undefined || code.length > MAX_CODE_LENGTH) break;
      const order = /^[<>|=]/.exec(code)?.[0];
      return {
        kind: 'dtype',
        code: code.replace(/^[<>|=]/, ''),
        byteOrder: order ?? '=',
        structured: false,
      };
    }
    case 'scalar':
      if (!isKind(first, 'dtype') || !isKind(second, 'bytes')) break;
      return { kind: 'array', state: createState([], first, false, second) };
    case 'frombuffer': {
      const shape = toShape(third);
      const order = toName(args.items[3]);
      if (!isKind(first, 'bytes') || !isKind(second, 'dtype') || !shape) break;
      return { kind: 'array', state: createState(shape, second, order === 'F', first) };
    }
    case 'encode':
      return encodeText(first, toName(second), offset, context);
    case 'bytes':
      if (args.items.length === 0) return createBytes(new Uint8Array(0));
      break;
    case 'OrderedDict':
      if (args.items.length === 0) return { kind: 'dict', entries: new Map() };
      break;
    default:
      break;
  }
  throw new FormatError(FORMAT, `bad arguments for ${callee.role}`, offset);
}

/** Opcode BUILD: gives a dtype its byte order, and an array its shape and content. */
export function buildObject(target: PickleValue, state: PickleValue, offset: number): void {
  if (!isKind(state, 'tuple')) {
    throw new FormatError(FORMAT, `BUILD with ${describeValue(state)}`, offset);
  }
  if (isKind(target, 'dtype')) buildDtype(target, state.items, offset);
  else if (isKind(target, 'array')) buildArray(target, state.items, offset);
  else throw new FormatError(FORMAT, `BUILD of ${describeValue(target)}`, offset);
}

/** The dialect of pickles that hold arrays of numpy. */
export const NUMPY_DIALECT: PickleDialect = { resolveGlobal, callGlobal, buildObject };

/** The role of an allowed global, or `undefined`. */
export function findNumpyRole(module: string, name: string): GlobalRole | undefined {
  return ALLOWED.get(`${module} ${name}`);
}

/** Converts a short string of any kind to text. It returns `undefined` for any other value. */
export function toName(value: PickleValue | undefined): string | undefined {
  if (typeof value === 'string') return value;
  if (isKind(value, 'bytes') && value.inline && value.encoding === 'raw') {
    value.name ??= decodeLatin1(value.inline);
    return value.name;
  }
  return undefined;
}

/** Narrows a value to one of the object kinds. */
export function isKind<K extends (PickleValue & object)['kind']>(
  value: PickleValue | undefined,
  kind: K,
): value is Extract<PickleValue & object, { kind: K }> {
  return typeof value === 'object' && value !== null && value.kind === kind;
}

/** Applies the state (version, byte order, subarray, names, fields, size, alignment, flags). */
function buildDtype(target: PickleDtype, state: readonly PickleValue[], offset: number): void {
  const [, order, subarray, names] = state;
  const byteOrder = toName(order);
  if (byteOrder === undefined || !/^[<>|=]$/.test(byteOrder)) {
    throw new FormatError(FORMAT, 'bad dtype state', offset);
  }
  target.structured = (subarray ?? null) !== null || (names ?? null) !== null;
  target.byteOrder = byteOrder;
}

/** Applies the state (version, shape, dtype, is_fortran, bytes or list). Old pickles have no version. */
function buildArray(target: PickleArray, state: readonly PickleValue[], offset: number): void {
  const [shapeItem, dtype, order, data] = state.length === 5 ? state.slice(1) : state;
  const shape = toShape(shapeItem);
  const isData = isKind(data, 'bytes') || isKind(data, 'list');
  if (!shape || !isKind(dtype, 'dtype') || !isData) {
    throw new FormatError(FORMAT, 'bad array state', offset);
  }
  target.state = createState(shape, dtype, order === true || order === 1, data);
}

function createState(
  shape: readonly number[],
  dtype: PickleDtype,
  fortranOrder: boolean,
  data: PickleBytes | PickleList,
): ArrayState {
  return { shape, dtype, fortranOrder, data };
}

/** Reads a tuple of sizes, none below 0. It returns `undefined` for any other value. */
export function toShape(value: PickleValue | undefined): number[] | undefined {
  if (!isKind(value, 'tuple') || value.items.length > MAX_RANK) return undefined;
  const sizes = value.items.filter((size): size is number => typeof size === 'number');
  const whole = sizes.every((size) => Number.isSafeInteger(size) && size >= 0);
  return whole && sizes.length === value.items.length ? sizes : undefined;
}

/** `_codecs.encode(text, 'latin1')`: Python 3 writes bytes in this way under protocol 2. */
function encodeText(
  text: PickleValue | undefined,
  encoding: string | undefined,
  offset: number,
  { encoded, budget }: CallContext,
): PickleBytes {
  if (encoding !== 'latin1' && encoding !== 'latin-1') {
    throw new UnsupportedError(
      `encoding ${encoding}`,
      `_codecs.encode to '${encoding}' (byte ${offset}), expected latin1`,
    );
  }
  if (isKind(text, 'text')) {
    const { source } = text;
    return { kind: 'bytes', range: source, encoding: 'latin1-in-utf8', inline: undefined };
  }
  const known = typeof text === 'string' ? encoded.get(text) : undefined;
  if (known !== undefined) return known;
  if (typeof text !== 'string' || /[^\0-\xff]/.test(text)) {
    throw new FormatError(FORMAT, '_codecs.encode of something other than latin1 text', offset);
  }
  budget.spend('bytes of text in a pickle', text.length);
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index++) bytes[index] = text.charCodeAt(index);
  const made = createBytes(bytes);
  encoded.set(text, made);
  return made;
}
