import { countElements } from '../../../base/nd-array.ts';
import { GradcamError } from '../../../base/errors.ts';

/**
 * Values that a computed constant may have beyond those of its inputs: masks and position tables have up to
 * a million, and 16 MiB of them stand for a file that grows itself.
 */
export const MAX_FOLDED_VALUES = 2 ** 22;

/** Steps of all constants of a model together; Swin, of the largest, takes under ten million. */
export const MAX_FOLD_STEPS = 2 ** 28;

/** Numbers from one place in memory to the next along each axis. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) {
    strides[axis] = strides[axis + 1]! * shape[axis + 1]!;
  }
  return strides;
}

/**
 * The shape of two values that are joined element by element: axes from the last on, size 1 repeated.
 *
 * @returns null where they do not fit.
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

/** For each axis of `shape` the step in a value of shape `from` that is repeated to it. */
export function broadcastStrides(from: readonly number[], shape: readonly number[]): number[] {
  const own = stridesOf(from);
  return shape.map((_, axis) => {
    const place = axis - shape.length + from.length;
    return place < 0 || from[place] === 1 ? 0 : own[place]!;
  });
}

/**
 * Calls `visit` for each place of `shape`, in row-major order, with the places that several walks have
 * reached.
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

/** An axis counted from the end as from the front; null where there is none. */
export function resolveAxis(axis: number, rank: number): number | null {
  const place = axis < 0 ? axis + rank : axis;
  return Number.isInteger(place) && place >= 0 && place < rank ? place : null;
}

/** Keeps what the constants of one model cost within bounds. */
export interface FoldBudget {
  /**
   * @param values of the result.
   * @param given of the largest input: what is as large as a weight is in the file.
   * @throws GradcamError `model` for more than the limits.
   */
  take(values: number, given: number, what: string): void;
}

export function createFoldBudget(model: string): FoldBudget {
  let steps = 0;
  return {
    take(values, given, what) {
      steps += Math.max(values, 1);
      if (values <= Math.max(MAX_FOLDED_VALUES, given) && steps <= MAX_FOLD_STEPS) return;
      throw new GradcamError(
        'model',
        `${model}: ${what} would compute a constant of ${values} values; the limits are ${MAX_FOLDED_VALUES} for one and ${MAX_FOLD_STEPS} for all`,
      );
    },
  };
}
