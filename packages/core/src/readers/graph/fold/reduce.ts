import { countElements } from '../../../base/nd-array.ts';
import { lazyConstant, type Constant } from '../constant.ts';
import { valuesOf } from './elementwise.ts';
import { stridesOf, walk } from './shapes.ts';

/** How the values along axes are reduced to one. */
export type Reduction = 'sum' | 'mean' | 'product' | 'max' | 'min';

/** Reduces a constant over `axes`, which are kept with size 1 or dropped. */
export function reduceConstant(
  x: Constant,
  name: string,
  reduction: Reduction,
  axes: ReadonlySet<number>,
  keepsAxes: boolean,
): Constant {
  const kept = x.shape.map((size, axis) => (axes.has(axis) ? 1 : size));
  const shape = keepsAxes ? kept : x.shape.filter((_, axis) => !axes.has(axis));
  return lazyConstant(name, x.element, shape, () => {
    const from = x.values();
    const count = countElements(kept);
    const sums = new Float64Array(count).fill(firstOf[reduction]);
    const strides = stridesOf(kept).map((step, axis) => (axes.has(axis) ? 0 : step));
    walk(x.shape, [strides], ([place], index) => {
      sums[place!] = join[reduction](sums[place!]!, from[index]!);
    });
    const divisor = reduction === 'mean' ? from.length / count : 1;
    const to = valuesOf(x.element, count);
    // The mean of integers is an integer, without its fraction.
    const of = x.element === 'integer' ? Math.trunc : Number;
    for (let i = 0; i < count; i++) to[i] = of(sums[i]! / divisor);
    return to;
  });
}

const firstOf: Readonly<Record<Reduction, number>> = {
  ...{ sum: 0, mean: 0, product: 1, max: -Infinity, min: Infinity },
};

const join: Readonly<Record<Reduction, (a: number, b: number) => number>> = {
  sum: (a, b) => a + b,
  mean: (a, b) => a + b,
  product: (a, b) => a * b,
  max: Math.max,
  min: Math.min,
};
