import { countElements } from '../../../base/nd-array.ts';
import { lazyConstant, reshapeConstant, type Constant } from '../constant.ts';
import { axisOf, contradictory } from '../node-error.ts';
import { valuesOf } from './elementwise.ts';
import type { FoldCall } from './fold-node.ts';
import { broadcastStrides, stridesOf, walk } from './shapes.ts';

/** Constants with their values in another order, repeated, or side by side. */

/** Axis i of the result is axis `order[i]`, which the caller has checked. */
export function transposeConstant(x: Constant, name: string, order: readonly number[]): Constant {
  const strides = stridesOf(x.shape);
  return pickConstant(
    x,
    name,
    order.map((axis) => x.shape[axis]!),
    order.map((axis) => strides[axis]!),
  );
}

/** Repeats axes of size 1 to `shape`, which has at least as many axes. */
export function expandConstant(x: Constant, name: string, shape: readonly number[]): Constant {
  return pickConstant(x, name, shape, broadcastStrides(x.shape, shape));
}

/**
 * Puts copies of a constant side by side, for each axis as many as stated.
 *
 * @throws GradcamError `model` where there is not one number for each axis.
 */
export function tileConstant(call: FoldCall, x: Constant, repeats: readonly number[]): Constant {
  if (repeats.length !== x.shape.length) throw contradictory(call, 'its repeats do not fit');
  // An axis of size 1 is put in front of each axis and repeated; then the two become one axis.
  const split = x.shape.flatMap((size) => [1, size]);
  const shape = x.shape.flatMap((size, axis) => [repeats[axis]!, size]);
  const repeated = expandConstant(reshapeConstant(x, call.name, split), call.name, shape);
  const joined = x.shape.map((size, axis) => size * repeats[axis]!);
  return reshapeConstant(repeated, call.name, joined);
}

/** Picks the values at `start` and in steps of `strides` from it. */
export function pickConstant(
  x: Constant,
  name: string,
  shape: readonly number[],
  strides: readonly number[],
  start = 0,
): Constant {
  return lazyConstant(name, x.element, shape, () => {
    const from = x.values();
    const to = valuesOf(x.element, countElements(shape));
    walk(shape, [strides], ([place], index) => {
      to[index] = from[start + place!]!;
    });
    return to;
  });
}

/**
 * Puts constants side by side along an axis; a negative one counts from the end.
 *
 * @throws GradcamError `model` where their other axes differ, or there are none.
 */
export function concatenateConstants(
  call: FoldCall,
  parts: readonly Constant[],
  stated: number,
): Constant {
  const [first] = parts;
  if (first === undefined) throw contradictory(call, 'it has no inputs');
  const axis = axisOf(call, stated, first.shape.length);
  const fits = parts.every(
    ({ shape }) =>
      shape.length === first.shape.length &&
      shape.every((size, i) => i === axis || size === first.shape[i]),
  );
  if (!fits) throw contradictory(call, 'its constants do not fit each other');
  const size = parts.reduce((sum, part) => sum + part.shape[axis]!, 0);
  const shape = first.shape.map((own, i) => (i === axis ? size : own));
  return lazyConstant(call.name, first.element, shape, () => {
    const to = valuesOf(first.element, countElements(shape));
    const inner = countElements(shape.slice(axis + 1));
    const outer = countElements(shape.slice(0, axis));
    let at = 0;
    for (let row = 0; row < outer; row++) {
      for (const part of parts) {
        const length = part.shape[axis]! * inner;
        to.set(part.values().subarray(row * length, (row + 1) * length), at);
        at += length;
      }
    }
    return to;
  });
}
