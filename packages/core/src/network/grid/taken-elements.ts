import type { OpOf } from '../op.ts';
import type { Axis } from './axis.ts';

/** Which elements of an axis an op takes. */
export interface Taken {
  readonly count: number;
  /** Distance of neighbours, or 0 where it differs. */
  readonly step: number;
  /** The index of the element that becomes element `i`. */
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

/** Which part of the cells of an axis is among the taken elements. */
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

/** How many elements of an axis are cells, or whatever else its digits count. */
export function countCells({ digits }: Axis): number {
  return digits.reduce((product, { size }) => product * size, 1);
}
