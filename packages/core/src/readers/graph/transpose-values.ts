import { countElements } from '../../base/nd-array.ts';
import { stridesOf } from './fold/shapes.ts';
import type { Values } from './constant.ts';

/** float32 values in one line of a processor's cache, which are written together. */
const LINE = 16;

/** An axis of the result: its size, and the steps in both arrays from one place of it to the next. */
interface Axis {
  readonly size: number;
  readonly from: number;
  readonly to: number;
}

/**
 * Transposes the values of a weight, as float32: axis i of the result is axis `order[i]` of the input.
 *
 * Values are read in the order in which they lie, some rows at a time, and written in whole lines of the
 * cache. Reading them in the result's order takes 1.5 times as long for dense kernels of 4 and 8 MB.
 */
export function transposeValues(
  values: Values,
  shape: readonly number[],
  order: readonly number[],
): Float32Array {
  const strides = stridesOf(shape);
  const ownStrides = stridesOf(order.map((axis) => shape[axis]!));
  const axes = order.map((axis, i): Axis => ({
    size: shape[axis]!,
    from: strides[axis]!,
    to: ownStrides[i]!,
  }));
  const to = new Float32Array(countElements(shape));
  if (to.length === 0) return to;
  const last = axes.pop() ?? { size: 1, from: 1, to: 1 };
  const others = axes.sort((a, b) => b.from - a.from);
  const length = last.from === 1 ? last.size : LINE;
  for (let first = 0; first < last.size; first += length) {
    const count = Math.min(length, last.size - first);
    copyLines(values, to, others, { first, count, from: last.from });
  }
  return to;
}

/** Some places of the result's last axis, for all places of the other axes. */
function copyLines(
  values: Values,
  to: Float32Array,
  others: readonly Axis[],
  line: { readonly first: number; readonly count: number; readonly from: number },
): void {
  const { count, from: step } = line;
  const inner = others.at(-1) ?? { size: 1, from: 0, to: 0 };
  const outer = others.slice(0, -1);
  const at = outer.map(() => 0);
  let [source, target] = [line.first * step, line.first];
  for (;;) {
    for (let row = 0; row < inner.size; row++) {
      let from = source + row * inner.from;
      const start = target + row * inner.to;
      for (let place = start; place < start + count; place++) {
        to[place] = values[from]!;
        from += step;
      }
    }
    let axis = outer.length - 1;
    for (; axis >= 0; axis--) {
      const { size, from, to: own } = outer[axis]!;
      at[axis]! += 1;
      source += from;
      target += own;
      if (at[axis]! < size) break;
      source -= from * size;
      target -= own * size;
      at[axis] = 0;
    }
    if (axis < 0) return;
  }
}
