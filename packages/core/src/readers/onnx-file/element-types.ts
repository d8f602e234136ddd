import { decodeHalf } from '../../base/half-precision.ts';
import type { ElementKind } from '../graph/constant.ts';
import type { TypedValues } from './proto/onnx-schema.ts';

/** How a file stores the values of an element type. */
export interface ElementType {
  readonly title: string;
  readonly kind: ElementKind;
  /** Number of bytes of one value in raw form. */
  readonly bytes: number;
  readonly read: (view: DataView, at: number) => number;
  /** The field of a tensor that lists its values where they are not raw. */
  readonly field: TypedValues['field'];
  /** Turns an integer of that field into the value, where the two differ. */
  readonly decode?: (integer: number) => number;
}

/** By the types' numbers in onnx.proto. Integers beyond 2^53 occur only as "to the end" of a slice. */
export const elementTypes: Readonly<Record<number, ElementType>> = {
  1: {
    title: 'float',
    kind: 'float',
    bytes: 4,
    read: (v, at) => v.getFloat32(at, true),
    field: 'float',
  },
  2: { title: 'uint8', kind: 'integer', bytes: 1, read: (v, at) => v.getUint8(at), field: 'int32' },
  3: { title: 'int8', kind: 'integer', bytes: 1, read: (v, at) => v.getInt8(at), field: 'int32' },
  4: {
    title: 'uint16',
    kind: 'integer',
    bytes: 2,
    read: (v, at) => v.getUint16(at, true),
    field: 'int32',
  },
  5: {
    title: 'int16',
    kind: 'integer',
    bytes: 2,
    read: (v, at) => v.getInt16(at, true),
    field: 'int32',
  },
  6: {
    title: 'int32',
    kind: 'integer',
    bytes: 4,
    read: (v, at) => v.getInt32(at, true),
    field: 'int32',
  },
  7: {
    title: 'int64',
    kind: 'integer',
    bytes: 8,
    read: (v, at) => Number(v.getBigInt64(at, true)),
    field: 'int64',
  },
  9: {
    title: 'bool',
    kind: 'boolean',
    bytes: 1,
    read: (v, at) => (v.getUint8(at) === 0 ? 0 : 1),
    field: 'int32',
  },
  10: {
    title: 'float16',
    kind: 'float',
    bytes: 2,
    read: (v, at) => decodeHalf(v.getUint16(at, true)),
    field: 'int32',
    decode: decodeHalf,
  },
  11: {
    title: 'double',
    kind: 'float',
    bytes: 8,
    read: (v, at) => v.getFloat64(at, true),
    field: 'double',
  },
  12: {
    title: 'uint32',
    kind: 'integer',
    bytes: 4,
    read: (v, at) => v.getUint32(at, true),
    field: 'uint64',
  },
  13: {
    title: 'uint64',
    kind: 'integer',
    bytes: 8,
    read: (v, at) => Number(v.getBigUint64(at, true)),
    field: 'uint64',
  },
  16: {
    title: 'bfloat16',
    kind: 'float',
    bytes: 2,
    read: (v, at) => decodeBrain(v.getUint16(at, true)),
    field: 'int32',
    decode: decodeBrain,
  },
};

/** Names of the other element types, for messages. */
const otherTypes: Readonly<Record<number, string>> = {
  ...{ 8: 'text', 14: 'complex64', 15: 'complex128', 17: 'float8', 18: 'float8', 19: 'float8' },
  ...{ 20: 'float8', 21: 'uint4', 22: 'int4', 23: 'float4' },
};

/** The name of an element type; its number where it has no name. */
export function titleOfType(type: number): string {
  return elementTypes[type]?.title ?? otherTypes[type] ?? `type ${type}`;
}

/** Whether a type holds floats, integers or truth values; null for types that are not supported. */
export function kindOfType(type: number): ElementKind | null {
  return elementTypes[type]?.kind ?? null;
}

/** The integer type of QuantizeLinear where nothing states another. */
export const UINT8 = 2;

/** Least and greatest number of an integer type of one or two bytes; undefined for other types. */
export function integerRangeOf(type: number): readonly [least: number, most: number] | undefined {
  return integerRanges[type];
}

const integerRanges: Readonly<Record<number, readonly [number, number]>> = {
  ...{ 2: [0, 255], 3: [-128, 127], 4: [0, 65_535], 5: [-32_768, 32_767] },
};

/** A bfloat16 is the upper half of a float32. */
function decodeBrain(bits: number): number {
  words[0] = bits << 16;
  return floats[0]!;
}

const words = new Uint32Array(1);
const floats = new Float32Array(words.buffer);
