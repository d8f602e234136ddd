import { countElements } from '../../base/nd-array.ts';
import { resolveAxis } from '../graph/fold/shapes.ts';
import type { Stretch } from '../graph/cut-value.ts';
import { reshapedShape } from '../graph/new-shapes.ts';
import {
  axisOf,
  contradictory,
  integersAt,
  requireConstant,
  unsupported,
  type OnnxCall,
} from './onnx-call.ts';

/** What nodes of ONNX do to shapes. The rules are the same for constants and computed values. */

/**
 * The shape that `Reshape` asks for. A size of 0 keeps the input's, and -1 stands for what is left.
 *
 * @param items pictures that the file counts in the first axis, of which one is computed. A first size that
 *   is stated counts them too.
 */
export function readNewShape(
  call: OnnxCall,
  from: readonly number[],
  items = 1,
): readonly number[] {
  const asked = integersAt(call, 1, 'shape') ?? [];
  const isZeroAllowed = call.attributes.flag('allowzero', false);
  const sizes = asked.map((size, axis) =>
    size === 0 && !isZeroAllowed ? (from[axis] ?? 0) : size,
  );
  const [first = -1, ...rest] = sizes;
  // A first size of 1 comes from arithmetic on shapes, which is done for one picture.
  const isOne = items === 1 || asked[0] === 0 || first === -1 || first === 1;
  if (isOne) return reshapedShape(call, from, sizes);
  if (first % items === 0) return reshapedShape(call, from, [first / items, ...rest]);
  throw unsupported(
    call,
    `it makes [${sizes.join(', ')}] of batches of ${items}, in which no picture stands apart`,
  );
}

/** The two axes that `Flatten` makes: those before the stated one become one, and the others too. */
export function readFlatShape(call: OnnxCall, from: readonly number[]): readonly number[] {
  const axis = call.attributes.integer('axis', 1);
  const place = axis < 0 ? axis + from.length : axis;
  return [countElements(from.slice(0, place)), countElements(from.slice(place))];
}

/** The axes of a reduction; all where none are stated. */
export function reducedAxes(call: OnnxCall, rank: number): ReadonlySet<number> {
  const stated = integersAt(call, 1, 'axes');
  const isNothing = call.attributes.flag('noop_with_empty_axes', false);
  if (stated === null || stated.length === 0) {
    return new Set(isNothing ? [] : Array.from({ length: rank }, (_, axis) => axis));
  }
  return new Set(stated.map((axis) => axisOf(call, axis, rank)));
}

/** The range that `Slice` takes of each axis that it names. */
export function readSlices(
  call: OnnxCall,
  shape: readonly number[],
): (Stretch & { readonly axis: number })[] {
  const starts = integersAt(call, 1, 'starts') ?? [];
  const ends = integersAt(call, 2, 'ends') ?? [];
  const axes = integersAt(call, 3, 'axes') ?? starts.map((_, axis) => axis);
  const steps = call.inputs[4] ? Array.from(requireConstant(call, 4, 'steps').values()) : null;
  if (ends.length !== starts.length || axes.length !== starts.length) {
    throw contradictory(
      call,
      `${starts.length} starts, ${ends.length} ends and ${axes.length} axes`,
    );
  }
  return starts.map((given, i) => {
    const axis = resolveAxis(axes[i]!, shape.length);
    const step = steps?.[i] ?? 1;
    if (axis === null || !Number.isInteger(step) || step === 0) {
      throw contradictory(call, `axis ${axes[i]} in steps of ${step}, of ${shape.length} axes`);
    }
    const size = shape[axis]!;
    const last = step > 0 ? size : size - 1;
    const first = step > 0 ? 0 : -1;
    const clamp = (place: number, least: number): number =>
      Math.min(Math.max(place < 0 ? place + size : place, least), last);
    const start = clamp(given, 0);
    const end = clamp(ends[i]!, first);
    return { axis, start, step, length: Math.max(0, Math.ceil((end - start) / step)) };
  });
}

/** Sizes of the parts of `Split`. */
export function splitSizes(call: OnnxCall, size: number): readonly number[] {
  const stated = integersAt(call, 1, 'split');
  const parts = call.attributes.integer('num_outputs', call.outputs.length);
  if (stated === null) {
    const each = Math.ceil(size / parts);
    const sizes = Array.from({ length: parts }, (_, i) => Math.min(each, size - i * each));
    if (sizes.every((one) => one > 0)) return sizes;
    throw unsupported(call, `an axis of ${size} cannot be split into ${parts} parts`);
  }
  const isWhole = stated.every((one) => one >= 0) && stated.reduce((a, b) => a + b, 0) === size;
  if (!isWhole) throw contradictory(call, `parts [${stated.join(', ')}] of an axis of ${size}`);
  return stated;
}
