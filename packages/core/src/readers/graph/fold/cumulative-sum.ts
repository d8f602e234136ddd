import { countElements } from '../../../base/nd-array.ts';
import { lazyConstant, type Constant } from '../constant.ts';
import { valuesOf } from './elementwise.ts';

/** How sums along an axis are collected. */
export interface CumulativeSum {
  readonly axis: number;
  /** Whether each sum leaves out the value at its own place. */
  readonly isExclusive: boolean;
  /** Whether sums are collected from the end of the axis. */
  readonly isReversed: boolean;
}

/** At each place, the sum of the values up to that place along an axis. */
export function cumulativeSum(
  x: Constant,
  name: string,
  { axis, isExclusive, isReversed }: CumulativeSum,
): Constant {
  return lazyConstant(name, x.element, x.shape, () => {
    const from = x.values();
    const to = valuesOf(x.element, from.length);
    const [size, inner] = [x.shape[axis]!, countElements(x.shape.slice(axis + 1))];
    for (let start = 0; start < from.length; start += size * inner) {
      for (let column = 0; column < inner; column++) {
        let sum = 0;
        for (let i = 0; i < size; i++) {
          const place = start + (isReversed ? size - 1 - i : i) * inner + column;
          to[place] = isExclusive ? sum : sum + from[place]!;
          sum += from[place]!;
        }
      }
    }
    return to;
  });
}
