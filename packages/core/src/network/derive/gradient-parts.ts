import type { Op, OpOf } from '../op.ts';

/** A part of the gradient with respect to a value: the name of a summand in the value's shape, or a range. */
export type GradientPart = string | GradientRange;

/** The gradient with respect to a range of one axis, from the node that takes the range. */
export interface GradientRange {
  readonly op: OpOf<'slice'>;
  /** The shape of the range. */
  readonly shape: readonly number[];
  /** The name of its gradient. */
  readonly upstream: string;
  /** Emits the range between zeros, in the shape of the whole value, and returns its name. */
  readonly place: () => string;
}

/**
 * How the parts of a gradient are put together. Ranges that cover an axis one after the other, as those of
 * an attention's queries, keys and values, are joined. All others are placed between zeros and added.
 *
 * @param shape the shape of the whole value.
 * @returns `op` null where the gradient is the only value.
 */
export function joinParts(
  parts: readonly GradientPart[],
  shape: readonly number[],
): { readonly op: Op | null; readonly values: readonly string[] } {
  const ranges = parts
    .filter((part) => typeof part !== 'string')
    .sort((a, b) => a.op.start - b.op.start);
  const axis = ranges[0]?.op.axis ?? 0;
  if (parts.length > 1 && ranges.length === parts.length && coversAxis(ranges, axis, shape)) {
    return { op: { kind: 'concatenate', axis }, values: ranges.map(({ upstream }) => upstream) };
  }
  const values = parts.map((part) => (typeof part === 'string' ? part : part.place()));
  return { op: values.length === 1 ? null : { kind: 'add' }, values };
}

/** Whether sorted ranges cover an axis without gaps and without overlapping. */
function coversAxis(
  ranges: readonly GradientRange[],
  axis: number,
  whole: readonly number[],
): boolean {
  let end = 0;
  for (const { op, shape } of ranges) {
    if (op.axis !== axis || op.start !== end) return false;
    end += shape[axis]!;
  }
  return end === whole[axis];
}
