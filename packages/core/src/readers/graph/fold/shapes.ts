import { countElements } from '../../../base/nd-array.ts';

/** For each axis, the number of values from one place to the next along it, in row-major order. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) {
    strides[axis] = strides[axis + 1]! * shape[axis + 1]!;
  }
  return strides;
}

/**
 * The shape of two values that are joined element by element. Axes are matched from the last one on, and an
 * axis of size 1 is repeated.
 *
 * @returns null where the shapes do not fit.
 */
export function broadcastShapes(a: readonly number[], b: readonly number[]): number[] | null {
  const rank = Math.max(a.length, b.length);
  const shape: number[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const first = a[axis - rank + a.length] ?? 1;
    const second = b[axis - rank + b.length] ?? 1;
    if (first !== second && first !== 1 && second !== 1) return null;
    shape.push(first === 1 ? second : first);
  }
  return shape;
}

/** For each axis of `shape`, the stride in a value of shape `from` that is broadcast to it. */
export function broadcastStrides(from: readonly number[], shape: readonly number[]): number[] {
  const own = stridesOf(from);
  return shape.map((_, axis) => {
    const place = axis - shape.length + from.length;
    return place < 0 || from[place] === 1 ? 0 : own[place]!;
  });
}

/**
 * Calls `visit` for each place of `shape`, in row-major order.
 *
 * @param steps for each value that is read along the way, its strides along the axes of `shape`.
 * @param visit takes the index into each of these values, and the index of the place.
 */
export function walk(
  shape: readonly number[],
  steps: readonly (readonly number[])[],
  visit: (places: readonly number[], index: number) => void,
): void {
  const count = countElements(shape);
  const at = new Array<number>(shape.length).fill(0);
  const places = steps.map(() => 0);
  for (let index = 0; index < count; index++) {
    visit(places, index);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at[axis]! += 1;
      for (let w = 0; w < steps.length; w++) places[w]! += steps[w]![axis]!;
      if (at[axis]! < shape[axis]!) break;
      for (let w = 0; w < steps.length; w++) places[w]! -= steps[w]![axis]! * shape[axis]!;
      at[axis] = 0;
    }
  }
}

/** The place of an axis, where a negative one counts from the end; null where there is none. */
export function resolveAxis(axis: number, rank: number): number | null {
  const place = axis < 0 ? axis + rank : axis;
  return Number.isInteger(place) && place >= 0 && place < rank ? place : null;
}
