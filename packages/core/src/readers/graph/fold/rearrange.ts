import { countElements } from '../../../base/nd-array.ts';
import { lazyConstant, type Constant } from '../constant.ts';
import { valuesOf } from './elementwise.ts';
import { broadcastStrides, stridesOf, walk } from './shapes.ts';

/** Constants with their values in another order, repeated, or some of them. */

/** Axis i of the result is axis `order[i]`. */
export function transposeConstant(x: Constant, name: string, order: readonly number[]): Constant {
  const strides = stridesOf(x.shape);
  return takeSteps(
    x,
    name,
    order.map((axis) => x.shape[axis]!),
    order.map((axis) => strides[axis]!),
  );
}

/** Axes of size 1 repeated to `shape`, which has at least as many axes. */
export function expandConstant(x: Constant, name: string, shape: readonly number[]): Constant {
  return takeSteps(x, name, shape, broadcastStrides(x.shape, shape));
}

/** From `starts` on in steps, as many as `shape` says. */
export function sliceConstant(
  x: Constant,
  name: string,
  shape: readonly number[],
  starts: readonly number[],
  steps: readonly number[],
): Constant {
  const strides = stridesOf(x.shape);
  const start = starts.reduce((place, first, axis) => place + first * strides[axis]!, 0);
  return takeSteps(
    x,
    name,
    shape,
    steps.map((step, axis) => step * strides[axis]!),
    start,
  );
}

function takeSteps(
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

/** Side by side along an axis. */
export function concatenateConstants(
  parts: readonly Constant[],
  name: string,
  axis: number,
): Constant {
  const [first] = parts as [Constant];
  const shape = first.shape.map((size, i) =>
    i === axis ? parts.reduce((sum, part) => sum + part.shape[axis]!, 0) : size,
  );
  return lazyConstant(name, first.element, shape, () => {
    const to = valuesOf(first.element, countElements(shape));
    const inner = countElements(shape.slice(axis + 1));
    const outer = countElements(shape.slice(0, axis));
    let at = 0;
    for (let row = 0; row < outer; row++) {
      for (const part of parts) {
        const size = part.shape[axis]! * inner;
        to.set(part.values().subarray(row * size, (row + 1) * size), at);
        at += size;
      }
    }
    return to;
  });
}

/** The slices at `indices` of an axis; whoever calls has checked them. */
export function gatherConstant(
  x: Constant,
  name: string,
  axis: number,
  indices: Constant,
): Constant {
  const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
  return lazyConstant(name, x.element, shape, () => {
    const from = x.values();
    const to = valuesOf(x.element, countElements(shape));
    const inner = countElements(x.shape.slice(axis + 1));
    const outer = countElements(x.shape.slice(0, axis));
    const size = x.shape[axis]!;
    let at = 0;
    for (let row = 0; row < outer; row++) {
      for (const index of indices.values()) {
        const place = (row * size + (index < 0 ? index + size : index)) * inner;
        to.set(from.subarray(place, place + inner), at);
        at += inner;
      }
    }
    return to;
  });
}
