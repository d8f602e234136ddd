import type { Constant } from './constant.ts';
import { matrixOf, multiplyAxis } from './dense.ts';
import { transposeConstant } from './fold/rearrange.ts';
import type { GraphBuilder } from './graph-builder.ts';
import { joinValues } from './join-values.ts';
import { reshapeValue, transposeValue } from './layout.ts';
import { multiplyMatrices } from './multiply-matrices.ts';
import { reduceValue } from './reduce-value.ts';
import { reshapeConstant } from './constant.ts';
import type { NodeValue } from './value.ts';

/** A value whose axes have letters, as einsum names them. */
export interface Lettered {
  readonly value: NodeValue;
  readonly letters: readonly string[];
  /** The constant that the value holds, where it is one. */
  readonly constant: Constant | null;
}

/** An einsum: letters of each input, and those of the result. */
export interface Equation {
  readonly inputs: readonly (readonly string[])[];
  readonly output: readonly string[];
}

/**
 * Reads an equation such as `bhid,bhjd->bhij`. An ellipsis stands for as many axes as the values have.
 * Without an arrow the result has the letters that occur once, in alphabetical order.
 *
 * @returns null for an equation that does not fit the ranks, or has a letter twice in one place.
 */
export function readEquation(text: string, ranks: readonly number[]): Equation | null {
  const [left = '', right] = text.replaceAll(' ', '').split('->');
  const terms = left.split(',');
  if (terms.length !== ranks.length || !/^[A-Za-z.,]*$/.test(left)) return null;
  const dots = terms.map((term, i) => (term.includes('...') ? ranks[i]! - (term.length - 3) : 0));
  const most = Math.max(0, ...dots);
  const names = Array.from({ length: most }, (_, i) => `.${i}`);
  const spread = (term: string, count: number): string[] => {
    const [before = '', after = ''] = term.split('...');
    return [...before, ...names.slice(most - count), ...after];
  };
  const inputs = terms.map((term, i) => (dots[i]! < 0 ? [] : spread(term, dots[i]!)));
  const all = inputs.flat();
  const once = [...new Set(all)].filter((one) => all.indexOf(one) === all.lastIndexOf(one)).sort();
  const output =
    right === undefined
      ? [...names, ...once.filter((one) => !names.includes(one))]
      : spread(right, right.includes('...') ? most : 0);
  const isSound =
    inputs.every(
      (letters, i) => letters.length === ranks[i] && new Set(letters).size === ranks[i],
    ) &&
    new Set(output).size === output.length &&
    output.every((one) => all.includes(one));
  return isSound ? { inputs, output } : null;
}

/**
 * The sum of products that an equation says, two values after the other: what only one of them has is summed
 * first, and what both have and nobody needs afterwards is the inner axis of a product of matrices.
 *
 * @returns null where sizes of one letter differ.
 */
export function contractValues(
  builder: GraphBuilder,
  given: readonly Lettered[],
  output: readonly string[],
): NodeValue | null {
  const [first, ...others] = given;
  if (first === undefined || !sizesFit(given)) return null;
  let joined = first;
  others.forEach((next, i) => {
    const needed = new Set([...output, ...others.slice(i + 1).flatMap(({ letters }) => letters)]);
    joined = contractTwo(builder, joined, next, needed);
  });
  const kept = sumAway(builder, joined, new Set(output));
  return transposeValue(
    kept.value,
    output.map((one) => kept.letters.indexOf(one)),
  );
}

function sizesFit(given: readonly Lettered[]): boolean {
  const sizes = new Map<string, number>();
  for (const { value, letters } of given) {
    for (const [axis, letter] of letters.entries()) {
      const size = value.shape[axis]!;
      if ((sizes.get(letter) ?? size) !== size) return false;
      sizes.set(letter, size);
    }
  }
  return true;
}

/** The value without the axes that nobody needs. */
function sumAway(builder: GraphBuilder, given: Lettered, needed: ReadonlySet<string>): Lettered {
  const axes = given.letters.flatMap((one, axis) => (needed.has(one) ? [] : [axis]));
  if (axes.length === 0) return given;
  const value = reduceValue(builder, given.value, 'sum', new Set(axes), false);
  return { value, letters: given.letters.filter((one) => needed.has(one)), constant: null };
}

function contractTwo(
  builder: GraphBuilder,
  left: Lettered,
  right: Lettered,
  needed: ReadonlySet<string>,
): Lettered {
  const a = sumAway(builder, left, new Set([...needed, ...right.letters]));
  const b = sumAway(builder, right, new Set([...needed, ...left.letters]));
  const shared = a.letters.filter((one) => b.letters.includes(one));
  const [outer, inner] = [true, false].map((is) => shared.filter((one) => needed.has(one) === is));
  const rows = a.letters.filter((one) => !shared.includes(one));
  const columns = b.letters.filter((one) => !shared.includes(one));
  const parts = { outer: outer!, inner: inner!, rows, columns };
  const letters = [...outer!, ...rows, ...columns];
  if (inner!.length === 0) return { ...outerProduct(builder, a, b, parts), constant: null };
  const sizes = letters.map((one) => sizeOf(a, one) ?? sizeOf(b, one)!);
  const product =
    b.constant !== null && outer!.length === 0
      ? timesConstant(builder, a, b, b.constant, parts)
      : multiplyMatrices(
          builder,
          asMatrices(builder, a, [...outer!], rows, inner!),
          asMatrices(builder, b, [...outer!], inner!, columns),
        )!;
  return { value: reshapeValue(builder, product, sizes), letters, constant: null };
}

interface Parts {
  readonly outer: readonly string[];
  readonly inner: readonly string[];
  readonly rows: readonly string[];
  readonly columns: readonly string[];
}

function sizeOf({ value, letters }: Lettered, letter: string): number | null {
  const axis = letters.indexOf(letter);
  return axis < 0 ? null : value.shape[axis]!;
}

function countOf(of: Lettered, letters: readonly string[]): number {
  return letters.reduce((product, one) => product * sizeOf(of, one)!, 1);
}

/** Axes in a new order, those of the rows as one, and those of the columns. */
function asMatrices(
  builder: GraphBuilder,
  of: Lettered,
  outer: readonly string[],
  rows: readonly string[],
  columns: readonly string[],
): NodeValue {
  const axes = [...outer, ...rows, ...columns].map((one) => of.letters.indexOf(one));
  return reshapeValue(builder, transposeValue(of.value, axes), [
    ...outer.map((one) => sizeOf(of, one)!),
    countOf(of, rows),
    countOf(of, columns),
  ]);
}

/** A constant that is one matrix multiplies the value's inner axes as a dense layer does. */
function timesConstant(
  builder: GraphBuilder,
  a: Lettered,
  b: Lettered,
  constant: Constant,
  { inner, rows, columns }: Parts,
): NodeValue {
  const axes = [...inner, ...columns].map((one) => b.letters.indexOf(one));
  const name = `${constant.name} (${[...inner, ...columns].join('')} of ${b.letters.join('')})`;
  const turned = transposeConstant(constant, name, axes);
  const sizes = [countOf(b, inner), countOf(b, columns)];
  const matrix = matrixOf(reshapeConstant(turned, name, sizes), false);
  const order = [...rows, ...inner].map((one) => a.letters.indexOf(one));
  const value = reshapeValue(builder, transposeValue(a.value, order), [
    ...rows.map((one) => sizeOf(a, one)!),
    sizes[0]!,
  ]);
  return multiplyAxis(builder, value, rows.length, matrix);
}

/** Nothing is summed: the product of two values, which share their outer axes and repeat along the others. */
function outerProduct(
  builder: GraphBuilder,
  a: Lettered,
  b: Lettered,
  { outer, rows, columns }: Parts,
): { readonly value: NodeValue; readonly letters: readonly string[] } {
  const letters = [...outer, ...rows, ...columns];
  const spread = (of: Lettered): NodeValue => {
    const own = letters.filter((one) => of.letters.includes(one));
    const turned = transposeValue(
      of.value,
      own.map((one) => of.letters.indexOf(one)),
    );
    return reshapeValue(
      builder,
      turned,
      letters.map((one) => sizeOf(of, one) ?? 1),
    );
  };
  return { value: joinValues(builder, 'multiply', [spread(a), spread(b)]), letters };
}
