import { countElements } from '../../../src/base/nd-array.ts';

/** One item, without a batch axis, read in double precision. */
export interface Array64 {
  readonly shape: readonly number[];
  readonly data: Float64Array | Float32Array;
}

/** An array whose values are given by their indices. */
export function fill64(
  shape: readonly number[],
  valueAt: (index: readonly number[]) => number,
): Array64 {
  const data = new Float64Array(countElements(shape));
  const index = shape.map(() => 0);
  for (let i = 0; i < data.length; i++) {
    data[i] = valueAt(index);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis]! += 1;
      if (index[axis]! < shape[axis]!) break;
      index[axis] = 0;
    }
  }
  return { shape, data };
}

/** The value at an index; 0 outside. */
export function at({ shape, data }: Array64, index: readonly number[]): number {
  let offset = 0;
  for (let axis = 0; axis < shape.length; axis++) {
    const position = index[axis]!;
    if (position < 0 || position >= shape[axis]!) return 0;
    offset = offset * shape[axis]! + position;
  }
  return data[offset]!;
}
