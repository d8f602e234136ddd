import type { Evaluation, EvaluationRow } from './evaluation.ts';

/** A column of the table by which rows can be sorted: a metric, `row` or `ms`. */
export interface Sorting {
  /** Null for the order of the file: methods as they were asked for, then baselines. */
  readonly column: string | null;
  readonly direction: 'ascending' | 'descending';
}

/** The rows in the order of a column; rows without a value stand last, equal ones as in the file. */
export function sortRows(
  { rows }: Pick<Evaluation, 'rows'>,
  { column, direction }: Sorting,
  titleOf: (row: string) => string,
): EvaluationRow[] {
  if (column === null) return [...rows];
  const sign = direction === 'ascending' ? 1 : -1;
  return [...rows].sort((a, b) => {
    if (column === 'row') return sign * titleOf(a.row).localeCompare(titleOf(b.row), 'en');
    const [x, y] = [valueOf(a, column), valueOf(b, column)];
    if (x === undefined || y === undefined)
      return Number(x === undefined) - Number(y === undefined);
    return sign * (x - y);
  });
}

function valueOf({ cells, ms }: EvaluationRow, column: string): number | undefined {
  return column === 'ms' ? ms?.mean : cells.get(column)?.mean;
}

/**
 * The sorting after a click on a column's head: the better end first, then the other, then the file's
 * order.
 */
export function nextSorting(
  { column, direction }: Sorting,
  clicked: string,
  better: 'higher' | 'lower' | 'neither',
): Sorting {
  const first = better === 'higher' ? 'descending' : 'ascending';
  if (column !== clicked) return { column: clicked, direction: first };
  if (direction === first) {
    return { column, direction: first === 'ascending' ? 'descending' : 'ascending' };
  }
  return { column: null, direction: 'ascending' };
}
