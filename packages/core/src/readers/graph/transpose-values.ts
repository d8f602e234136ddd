import { countElements } from '../../base/nd-array.ts';
import { stridesOf } from './fold/shapes.ts';
import type { Values } from './constant.ts';

/** Transposes the values of a weight, as float32: axis i of the result is axis `order[i]` of the input. */
export function transposeValues(
  values: Values,
  shape: readonly number[],
  order: readonly number[],
): Float32Array {
  const strides = stridesOf(shape);
  const sizes = order.map((axis) => shape[axis]!);
  const steps = order.map((axis) => strides[axis]!);
  const to = new Float32Array(countElements(shape));
  const rank = order.length;
  const [rows, columns] = [sizes[rank - 2] ?? 1, sizes[rank - 1] ?? 1];
  const [rowStep, columnStep] = [steps[rank - 2] ?? 0, steps[rank - 1] ?? 0];
  const at = new Array<number>(Math.max(rank - 2, 0)).fill(0);
  let [index, start] = [0, 0];
  while (index < to.length) {
    for (let row = 0; row < rows; row++) {
      let from = start + row * rowStep;
      for (let column = 0; column < columns; column++) {
        to[index++] = values[from]!;
        from += columnStep;
      }
    }
    for (let axis = rank - 3; axis >= 0; axis--) {
      at[axis]! += 1;
      start += steps[axis]!;
      if (at[axis]! < sizes[axis]!) break;
      start -= steps[axis]! * sizes[axis]!;
      at[axis] = 0;
    }
  }
  return to;
}
