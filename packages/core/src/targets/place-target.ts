import type { Region } from '../base/rectangle.ts';
import { GradcamError } from '../base/errors.ts';
import { findClass } from './find-class.ts';
import type { ClassNames } from '../readers/labels/labels.ts';
import {
  countClasses,
  describeOutput,
  outputKindOf,
  type OutputShape,
} from '../network/output-kind.ts';

/** A target that is a place of the output, or its only value. */
export type PlaceTargetSpec =
  | { readonly kind: 'value' }
  | {
      readonly kind: 'region';
      readonly index: number;
      /** In pixels of the original image. */
      readonly within?: Region;
    }
  /** In pixels of the original image. */
  | { readonly kind: 'pixel'; readonly index: number; readonly x: number; readonly y: number }
  /** The index on each axis of the output. */
  | { readonly kind: 'element'; readonly at: readonly number[] };

/**
 * Reads `value`, `region:<class>[@x,y,width,height]`, `pixel:<class>@x,y` and `element:<i,j,..>`.
 *
 * @returns null for any other text.
 * @throws GradcamError `argument` or `not-found` for one of these that the output does not have.
 */
export function parsePlaceTarget(
  text: string,
  names: ClassNames,
  output: OutputShape,
): PlaceTargetSpec | null {
  if (/^value$/i.test(text)) return readValue(text, output, names);
  const match = /^(region|pixel|element):(.*)$/is.exec(text);
  if (match === null) return null;
  const [, kind = '', rest = ''] = match;
  if (kind.toLowerCase() === 'element') return readElement(text, rest, output);
  const at = rest.lastIndexOf('@');
  const name = (at < 0 ? rest : rest.slice(0, at)).trim();
  const numbers =
    at < 0
      ? []
      : rest
          .slice(at + 1)
          .split(',')
          .map(toNumber);
  if (outputKindOf(output) !== 'map' || countClasses(output) === 0) {
    throw refuse(text, output, 'a region or pixel needs an output with rows, columns and classes');
  }
  const index = findClass(name, names, countClasses(output));
  const [x = NaN, y = NaN, width = NaN, height = NaN] = numbers;
  if (kind.toLowerCase() === 'pixel') {
    if (numbers.length === 2 && numbers.every(Number.isFinite))
      return { kind: 'pixel', index, x, y };
    throw refuse(text, output, 'a pixel is pixel:<class>@x,y in pixels of the image');
  }
  if (at < 0) return { kind: 'region', index };
  if (numbers.length === 4 && numbers.every(Number.isFinite) && width > 0 && height > 0) {
    return { kind: 'region', index, within: { x, y, width, height } };
  }
  throw refuse(
    text,
    output,
    'a rectangle is region:<class>@x,y,width,height in pixels of the image',
  );
}

function readValue(text: string, output: OutputShape, names: ClassNames): PlaceTargetSpec | null {
  const count = countClasses(output);
  if (count === 0 && outputKindOf(output) !== 'table') return { kind: 'value' };
  // A model may have a class named `value`; then the text means this class.
  if (names.labels.some((label) => label.toLowerCase() === 'value')) return null;
  throw refuse(
    text,
    output,
    'value needs an output that is one number, or one number at each place',
  );
}

function readElement(text: string, list: string, output: OutputShape): PlaceTargetSpec {
  const { shape, classes } = output;
  const at = list.split(',').map(toNumber);
  const isWhole = at.every((n) => Number.isInteger(n) && n >= 0);
  if (isWhole && at.length === 1 && at[0]! < classes) {
    return { kind: 'element', at: unravel(at[0]!, shape) };
  }
  if (isWhole && at.length === shape.length && at.every((n, axis) => n < shape[axis]!)) {
    return { kind: 'element', at };
  }
  throw refuse(text, output, `an element is element:<index on each axis of [${shape.join(', ')}]>`);
}

/** The index on each axis of the element at `flat` in row-major order. */
function unravel(flat: number, shape: readonly number[]): number[] {
  const at: number[] = [];
  let rest = flat;
  for (const size of [...shape].reverse()) {
    at.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return at;
}

/** The row-major index of an element, from its index on each axis. */
export function flatIndex(at: readonly number[], shape: readonly number[]): number {
  return at.reduce((flat, n, axis) => flat * shape[axis]! + n, 0);
}

function toNumber(text: string): number {
  return text.trim() === '' ? NaN : Number(text);
}

function refuse(text: string, output: OutputShape, expected: string): GradcamError {
  return new GradcamError(
    'argument',
    `target ${text}: ${expected}; this output is ${describeOutput(output)}`,
  );
}
