import { countElements } from '../../base/nd-array.ts';

/**
 * A value of a model's graph that depends on no input: a weight, a shape, an index table.
 *
 * Integers and truth values (0 and 1) are kept as doubles, so that shapes are exact. An int64 beyond 2^53,
 * which exporters write for "to the end", becomes the nearest double.
 */
export interface Constant {
  readonly kind: 'constant';
  /** Unique in the graph. */
  readonly name: string;
  readonly element: ElementKind;
  /** Sizes of all axes. */
  readonly shape: readonly number[];
  /** Least and greatest number of an integer type of one or two bytes, where the file states one. */
  readonly range?: readonly [number, number];
  /** Values in row-major order. Do not change them: they may be the file's own bytes. */
  values(): Values;
}

export type ElementKind = 'float' | 'integer' | 'boolean';

export type Values = Float32Array | Float64Array;

/** Constants of up to so many values keep them once made. Larger ones, which are weights, make them anew. */
const KEPT_VALUES = 65_536;

/** A constant whose values are made when somebody asks for them. */
export function lazyConstant(
  name: string,
  element: ElementKind,
  shape: readonly number[],
  make: () => Values,
): Constant {
  const keeps = countElements(shape) <= KEPT_VALUES;
  let kept: Values | null = null;
  return {
    kind: 'constant',
    name,
    element,
    shape,
    values() {
      if (kept !== null) return kept;
      const values = make();
      if (keeps) kept = values;
      return values;
    },
  };
}

/** Integers of a shape or a list of axes. */
export function integerConstant(
  name: string,
  values: readonly number[],
  shape: readonly number[] = [values.length],
): Constant {
  return lazyConstant(name, 'integer', shape, () => Float64Array.from(values));
}

/** The number of a constant that has exactly one; null for every other constant. */
export function onlyNumber({ shape, values }: Constant): number | null {
  return countElements(shape) === 1 ? values()[0]! : null;
}

/** The same values under another shape with the same number of elements. */
export function reshapeConstant(
  constant: Constant,
  name: string,
  shape: readonly number[],
): Constant {
  return { ...constant, name, shape };
}

/** The values as float32, the type that weights have. */
export function asFloat32(values: Values): Float32Array {
  return values instanceof Float32Array ? values : Float32Array.from(values);
}
