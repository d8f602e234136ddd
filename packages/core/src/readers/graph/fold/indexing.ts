import { countElements } from '../../../base/nd-array.ts';
import { lazyConstant, type Constant } from '../constant.ts';
import type { Stretch } from '../cut-value.ts';
import { axisOf, contradictory, type TitledNode } from '../node-error.ts';
import { valuesOf } from './elementwise.ts';
import type { FoldCall } from './fold-node.ts';
import { pickConstant } from './rearrange.ts';
import { stridesOf } from './shapes.ts';

/** Parts of constants, by ranges and by indices. */

/** Cuts a stretch out of each axis. */
export function sliceConstant(x: Constant, name: string, stretches: readonly Stretch[]): Constant {
  const strides = stridesOf(x.shape);
  return pickConstant(
    x,
    name,
    stretches.map(({ length }) => length),
    stretches.map(({ step }, axis) => step * strides[axis]!),
    stretches.reduce((place, { start }, axis) => place + start * strides[axis]!, 0),
  );
}

/** Cuts a constant into parts of the given sizes along an axis. */
export function splitConstant(
  x: Constant,
  axis: number,
  sizes: readonly number[],
  nameOf: (part: number) => string,
): readonly Constant[] {
  let start = 0;
  return sizes.map((length, part) => {
    const stretches = x.shape.map((size, one) =>
      one === axis ? { start, step: 1, length } : { start: 0, step: 1, length: size },
    );
    start += length;
    return sliceConstant(x, nameOf(part), stretches);
  });
}

/**
 * Takes the slices at `indices` of an axis; negative indices and a negative axis count from the end.
 *
 * @throws GradcamError `model` for an index that the axis does not have.
 */
export function gatherConstant(
  call: FoldCall,
  x: Constant,
  stated: number,
  indices: Constant,
): Constant {
  const axis = axisOf(call, stated, x.shape.length);
  const size = x.shape[axis]!;
  call.budget.take(countElements(indices.shape), 0, call.title);
  for (const index of indices.values()) checkIndex(call, index, size);
  const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
  return lazyConstant(call.name, x.element, shape, () => {
    const from = x.values();
    const to = valuesOf(x.element, countElements(shape));
    const inner = countElements(x.shape.slice(axis + 1));
    const outer = countElements(x.shape.slice(0, axis));
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

/**
 * Takes slices of `x`. The last axis of `indices` holds the place of a slice along the first axes of `x`
 * that come after the shared ones.
 *
 * @param shared how many first axes the two have in common.
 * @throws GradcamError `model` where the shapes do not fit, and when the values are asked for and an index is
 *   not in `x`.
 * @see https://onnx.ai/onnx/operators/onnx__GatherND.html
 */
export function gatherNdConstant(
  call: FoldCall,
  x: Constant,
  indices: Constant,
  shared: number,
): Constant {
  const depth = indices.shape.at(-1) ?? 0;
  const rank = Math.min(x.shape.length, indices.shape.length);
  const isShared =
    shared >= 0 &&
    shared < rank &&
    x.shape.slice(0, shared).join() === indices.shape.slice(0, shared).join();
  if (!isShared || depth === 0 || shared + depth > x.shape.length) {
    throw contradictory(
      call,
      `indices [${indices.shape.join(', ')}] of a value [${x.shape.join(', ')}] with ${shared} shared axes`,
    );
  }
  const rest = x.shape.slice(shared + depth);
  const shape = [...indices.shape.slice(0, -1), ...rest];
  call.budget.take(countElements(shape), 0, call.title);
  return lazyConstant(call.name, x.element, shape, () => {
    const [from, places] = [x.values(), indices.values()];
    const to = valuesOf(x.element, countElements(shape));
    const inner = countElements(rest);
    const block = countElements(x.shape.slice(shared));
    const count = countElements(indices.shape.slice(shared, -1));
    for (let i = 0; i < places.length / depth; i++) {
      let place = 0;
      for (let axis = 0; axis < depth; axis++) {
        const [index, size] = [places[i * depth + axis]!, x.shape[shared + axis]!];
        checkIndex(call, index, size);
        place = place * size + (index < 0 ? index + size : index);
      }
      const start = Math.floor(i / count) * block + place * inner;
      to.set(from.subarray(start, start + inner), i * inner);
    }
    return to;
  });
}

/**
 * Copies `x` and writes `updates` over some of its slices. The last axis of `indices` holds the place of a
 * slice along the first axes of `x`.
 *
 * @throws GradcamError `model` where the shapes do not fit, and when the values are asked for and an index is
 *   not in `x`.
 */
export function scatterConstant(
  call: FoldCall,
  x: Constant,
  indices: Constant,
  updates: Constant,
): Constant {
  const depth = indices.shape.at(-1) ?? 0;
  const inner = countElements(x.shape.slice(depth));
  const count = depth === 0 ? 0 : countElements(indices.shape) / depth;
  if (depth > x.shape.length || count * inner !== countElements(updates.shape)) {
    throw contradictory(call, 'its indices and updates do not fit');
  }
  return lazyConstant(call.name, x.element, x.shape, () => {
    const to = x.values().slice();
    const places = indices.values();
    const values = updates.values();
    for (let i = 0; i < count; i++) {
      let place = 0;
      for (let axis = 0; axis < depth; axis++) {
        const [index, size] = [places[i * depth + axis]!, x.shape[axis]!];
        checkIndex(call, index, size);
        place = place * size + (index < 0 ? index + size : index);
      }
      to.set(values.subarray(i * inner, (i + 1) * inner), place * inner);
    }
    return to;
  });
}

function checkIndex(call: TitledNode, index: number, size: number): void {
  if (!(index >= -size && index < size)) throw contradictory(call, `index ${index} of ${size}`);
}
