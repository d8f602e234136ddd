import type { OpOf } from '../op.ts';
import type { Axis } from './axis.ts';

/** Which elements of an axis an op takes. */
export interface Taken {
  readonly count: number;
  /** The distance between neighbouring taken elements; 0 where it is not the same everywhere. */
  readonly step: number;
  /** The index in the input of element `i` of the result. */
  readonly at: (i: number) => number;
}

/** @param count the number of elements in the op's result. */
export function takenFrom(op: OpOf<'slice' | 'stride' | 'gather'>, count: number): Taken {
  switch (op.kind) {
    case 'slice':
      return { count, step: 1, at: (i) => op.start + i };
    case 'stride':
      return { count, step: op.step, at: (i) => op.start + i * op.step };
    case 'gather':
      return { count, step: 0, at: (i) => op.indices[i]! };
  }
}

/** Whether the taken elements hold all cells of an axis, none, or some. */
export function kindOfTaken(axis: Axis, taken: Taken): 'all cells' | 'some cells' | 'no cells' {
  const cells = countCells(axis);
  const isCell = (index: number): boolean => index >= axis.before && index < axis.before + cells;
  const indices = Array.from({ length: taken.count }, (_, i) => taken.at(i));
  if (!indices.some(isCell)) return 'no cells';
  const isRun = indices.every((index, i) => index === indices[0]! + i);
  const [first = 0] = indices;
  return isRun && first <= axis.before && first + taken.count >= axis.before + cells
    ? 'all cells'
    : 'some cells';
}

/**
 * The number of elements that the digits of an axis count; for an axis of tokens, the number of its cells.
 */
export function countCells({ digits }: Axis): number {
  return digits.reduce((product, { size }) => product * size, 1);
}
