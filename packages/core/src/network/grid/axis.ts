/**
 * What a part of an axis counts: rows or columns of the picture's grid, tokens (the cells of the grid and
 * further ones such as a class token), or anything else (channels, heads).
 */
export type Digit =
  | {
      readonly of: 'rows' | 'columns';
      /** The distance of two neighbours, in rows or columns of the grid. */
      readonly step: number;
      readonly size: number;
      /** The number of all rows or columns of the grid. */
      readonly total: number;
    }
  | { readonly of: 'other'; readonly size: number }
  /** An axis with further tokens, which can be moved as a whole but not split. */
  | { readonly of: 'tokens'; readonly size: number; readonly axis: Axis };

/**
 * What an axis counts, as the digits of a mixed-radix number. The outermost digit comes first, and digits
 * of size 1 are left out.
 */
export interface Axis {
  readonly digits: readonly Digit[];
  /** Tokens before the first cell, such as a class token. */
  readonly before: number;
  /** Tokens after the last cell. */
  readonly after: number;
}

/** The axes of a value, without the batch; null for an axis whose meaning is not known. */
export type Axes = readonly (Axis | null)[];

/**
 * An axis that counts anything except places of the picture: channels, heads, or tokens that the model
 * adds.
 */
export function otherAxis(size: number): Axis {
  return axisOf(size === 1 ? [] : [{ of: 'other', size }]);
}

export function axisOf(digits: readonly Digit[]): Axis {
  return { digits, before: 0, after: 0 };
}

/** The axes of an image [height, width, channels] as a convolution makes it. */
export function imageAxes([height = 1, width = 1, channels = 1]: readonly number[]): Axes {
  return [wholeAxis('rows', height), wholeAxis('columns', width), otherAxis(channels)];
}

/** An axis that counts all rows or all columns. */
export function wholeAxis(of: 'rows' | 'columns', size: number): Axis {
  return axisOf([{ of, step: 1, size, total: size }]);
}

/** Whether an axis counts places of the picture. It may count something else as well. */
export function hasPlaces({ digits }: Axis): boolean {
  return digits.some(({ of }) => of !== 'other');
}

/** Whether two axes count the same things. */
export function isSameAxis(one: Axis, other: Axis): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}

/** Whether an axis counts all rows, or all columns, and nothing else. */
export function isWhole(axis: Axis | null | undefined, of: 'rows' | 'columns'): boolean {
  if (axis === null || axis === undefined || axis.before + axis.after > 0) return false;
  return axis.digits.length === 1 && wholeSize(axis.digits[0]!, of) > 0;
}

/** Height and width of the cells that an axis counts row by row; null for an axis that does not. */
export function cellsOf(axis: Axis | null | undefined): { height: number; width: number } | null {
  const [rows, columns, ...others] = axis?.digits ?? [];
  if (others.length > 0 || rows === undefined || columns === undefined) return null;
  const [height, width] = [wholeSize(rows, 'rows'), wholeSize(columns, 'columns')];
  return height > 0 && width > 0 ? { height, width } : null;
}

/** The size of a digit that counts all rows or all columns in equal steps; 0 for any other digit. */
function wholeSize(digit: Digit, of: 'rows' | 'columns'): number {
  return digit.of === of && digit.step * digit.size === digit.total ? digit.size : 0;
}
