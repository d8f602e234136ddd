import { countElements } from '../../base/nd-array.ts';
import type { Stretch } from '../graph/cut-value.ts';
import {
  axisOf,
  contradictory,
  integersAt,
  numberAt,
  unsupported,
  type DefCall,
} from './def-call.ts';

/** Rules for shapes, the same for constants and computed values. */

/** The shape that `Reshape` asks for: -1 is what is left. */
export function newShape(
  call: DefCall,
  from: readonly number[],
  asked: readonly number[],
): readonly number[] {
  const count = countElements(from);
  const known = countElements(asked.filter((size) => size !== -1));
  const shape = asked.map((size) => (size === -1 ? count / known : size));
  const isShape = shape.every((size) => Number.isSafeInteger(size) && size >= 0);
  const open = asked.filter((size) => size === -1).length;
  if (isShape && open <= 1 && countElements(shape) === count) return shape;
  throw contradictory(
    call,
    `a value [${from.join(', ')}] does not become [${asked.join(', ')}]; another --input-size may be needed`,
  );
}

/** Without the axes of size 1 that are named, or all of them but the batch's. */
export function squeezedShape(
  call: DefCall,
  shape: readonly number[],
  batch: number | null = null,
): readonly number[] {
  const stated = [
    ...call.attributes.integers('squeeze_dims'),
    ...call.attributes.integers('axis'),
  ].map((axis) => axisOf(call, axis, shape.length));
  const dropped = new Set(
    stated.length > 0
      ? stated
      : shape.flatMap((size, axis) => (size === 1 && axis !== batch ? [axis] : [])),
  );
  const long = [...dropped].find((axis) => shape[axis] !== 1);
  if (long !== undefined) throw contradictory(call, `axis ${long} has size ${shape[long]}`);
  return shape.filter((_, axis) => !dropped.has(axis));
}

export function expandedShape(call: DefCall, shape: readonly number[]): readonly number[] {
  const axis = axisOf(call, numberAt(call, 1, 'axis'), shape.length + 1);
  return insertOne(shape, axis);
}

/** The shape with a new axis of size 1. */
export function insertOne(shape: readonly number[], axis: number): readonly number[] {
  return [...shape.slice(0, axis), 1, ...shape.slice(axis)];
}

/** Sizes of the parts of `Split` and `SplitV`; -1 is what is left. */
export function splitSizes(call: DefCall, size: number): readonly number[] {
  if (call.op === 'Split') {
    const count = call.attributes.integer('num_split', 1);
    if (count < 1 || size % count !== 0) {
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

/** What `Slice` takes of each axis; a size of -1 is all that is left. */
export function slicePlan(call: DefCall, shape: readonly number[]): readonly Stretch[] {
  const [begins, sizes] = [integersAt(call, 1, 'begin'), integersAt(call, 2, 'size')];
  if (begins.length !== shape.length || sizes.length !== shape.length) {
    throw contradictory(call, `${begins.length} begins of a value with ${shape.length} axes`);
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
