import { axisOf, type Axes, type Axis, type Digit } from './axis.ts';

/** A digit of an axis whose meaning is not known. */
interface UnknownDigit {
  readonly of: 'unknown';
  readonly size: number;
}

type AnyDigit = Digit | UnknownDigit;

/** Finds what the axes of a value count after a reshape. */
export function regroupAxes(axes: Axes, from: readonly number[], to: readonly number[]): Axes {
  const pending = axes.flatMap((axis, i) => listDigits(axis, from[i]!));
  return to.map((size) => takeAxis(pending, size));
}

function listDigits(axis: Axis | null, size: number): AnyDigit[] {
  if (axis === null) return [{ of: 'unknown', size }];
  if (axis.before + axis.after > 0) return [{ of: 'tokens', size, axis }];
  return axis.digits.filter((digit) => digit.size > 1);
}

/** Takes digits from the front until they make an axis of that size. */
function takeAxis(pending: AnyDigit[], size: number): Axis | null {
  const taken: AnyDigit[] = [];
  for (let left = size; left > 1;) {
    const digit = pending.shift();
    if (digit === undefined) return null;
    const [outer, inner] = splitDigit(digit, Math.min(left, digit.size));
    taken.push(outer);
    if (inner !== null) pending.unshift(inner);
    // Where the sizes do not divide each other, the meaning of all later axes is unknown as well.
    if (left % outer.size !== 0) pending.splice(0, pending.length);
    left = Math.floor(left / outer.size);
  }
  return axisFrom(taken);
}

function axisFrom(digits: readonly AnyDigit[]): Axis | null {
  const known = digits.filter((digit) => digit.of !== 'unknown');
  if (known.length < digits.length) return null;
  const [first] = known;
  if (first?.of === 'tokens' && known.length === 1) return first.axis;
  return known.some(({ of }) => of === 'tokens') ? null : axisOf(joinDigits(known));
}

/**
 * Splits a digit into an outer part of the given size and the rest. Both are unknown where the digit cannot
 * be split.
 */
function splitDigit(digit: AnyDigit, size: number): [AnyDigit, AnyDigit | null] {
  if (size === digit.size) return [digit, null];
  const rest = digit.size / size;
  if (!Number.isInteger(rest) || digit.of === 'unknown' || digit.of === 'tokens') {
    return [
      { of: 'unknown', size },
      { of: 'unknown', size: Math.ceil(rest) },
    ];
  }
  return digit.of === 'other'
    ? [
        { of: 'other', size },
        { of: 'other', size: rest },
      ]
    : [
        { ...digit, step: digit.step * rest, size },
        { ...digit, size: rest },
      ];
}

/** Joins neighbours that were parts of one digit. */
function joinDigits(digits: readonly Digit[]): Digit[] {
  const joined: Digit[] = [];
  for (const digit of digits) {
    const outer = joined.at(-1);
    const whole = outer === undefined ? null : joinTwo(outer, digit);
    if (whole === null) joined.push(digit);
    else joined.splice(-1, 1, whole);
  }
  return joined;
}

function joinTwo(outer: Digit, inner: Digit): Digit | null {
  if (outer.of === 'other' && inner.of === 'other') {
    return { of: 'other', size: outer.size * inner.size };
  }
  const isPlace = outer.of === 'rows' || outer.of === 'columns';
  if (!isPlace || outer.of !== inner.of || outer.total !== inner.total) return null;
  if (outer.step !== inner.step * inner.size) return null;
  return { ...inner, size: outer.size * inner.size };
}
