import type { Stretch } from '../graph/cut-value.ts';
import { squeezedAxes } from '../graph/new-shapes.ts';
import {
  axisOf,
  contradictory,
  integersAt,
  numberAt,
  unsupported,
  type DefCall,
} from './def-call.ts';

/** What nodes of TensorFlow do to shapes. The rules are the same for constants and computed values. */

/** The input's shape without the axes that `Squeeze` names, or without all of size 1 except the batch's. */
export function squeezedShape(
  call: DefCall,
  shape: readonly number[],
  batch: number | null = null,
): readonly number[] {
  const stated = [...call.attributes.integers('squeeze_dims'), ...call.attributes.integers('axis')];
  const dropped = squeezedAxes(call, shape, stated.length > 0 ? stated : null, batch);
  return shape.filter((_, axis) => !dropped.has(axis));
}

/** The input's shape with the axis that `ExpandDims` adds. */
export function expandedShape(call: DefCall, shape: readonly number[]): readonly number[] {
  const axis = axisOf(call, numberAt(call, 1, 'axis'), shape.length + 1);
  return insertOne(shape, axis);
}

/** The shape with a new axis of size 1. */
export function insertOne(shape: readonly number[], axis: number): readonly number[] {
  return [...shape.slice(0, axis), 1, ...shape.slice(axis)];
}

/** Sizes of the parts of `Split` and `SplitV`; a size of -1 stands for the rest. */
export function splitSizes(call: DefCall, size: number): readonly number[] {
  if (call.op === 'Split') {
    const count = call.attributes.integer('num_split', 1);
    if (count < 1 || count > size || size % count !== 0) {
      throw contradictory(call, `${count} parts of an axis of ${size}`);
    }
    return new Array<number>(count).fill(size / count);
  }
  const asked = integersAt(call, 1, 'sizes');
  const known = asked.filter((one) => one !== -1).reduce((sum, one) => sum + one, 0);
  const sizes = asked.map((one) => (one === -1 ? size - known : one));
  const isWhole =
    sizes.every((one) => one > 0) && sizes.reduce((sum, one) => sum + one, 0) === size;
  if (isWhole) return sizes;
  throw contradictory(call, `parts [${asked.join(', ')}] of an axis of ${size}`);
}

/** The range that `Slice` takes of each axis; a size of -1 means up to the end. */
export function slicePlan(call: DefCall, shape: readonly number[]): readonly Stretch[] {
  const [begins, sizes] = [integersAt(call, 1, 'begin'), integersAt(call, 2, 'size')];
  if (begins.length !== shape.length || sizes.length !== shape.length) {
    throw contradictory(
      call,
      `expected a begin and a size for each of ${shape.length} axes, found ${begins.length} begins and ${sizes.length} sizes`,
    );
  }
  return shape.map((size, axis) => {
    const start = begins[axis]!;
    const length = sizes[axis] === -1 ? size - start : sizes[axis]!;
    if (start < 0 || length < 0 || start + length > size) {
      throw contradictory(call, `places ${start} to ${start + length} of an axis of ${size}`);
    }
    if (length === 0) throw unsupported(call, `nothing is left along axis ${axis}`);
    return { start, step: 1, length };
  });
}
