import type { Stretch } from '../graph/cut-value.ts';
import { contradictory, integersAt, unsupported, type DefCall } from './def-call.ts';

/** The range that `StridedSlice` takes of each axis, and the shape of the result. */
export interface SlicePlan {
  /** One range for each axis of the value. */
  readonly stretches: readonly Stretch[];
  /** Axes that are indexed by one number are dropped, and new axes of size 1 are added. */
  readonly shape: readonly number[];
}

/**
 * Reads begin, end, strides and the five masks of a `StridedSlice`.
 *
 * @throws GradcamError `model` for indices that the value does not have, `unsupported` for an empty result.
 */
export function planStridedSlice(call: DefCall, shape: readonly number[]): SlicePlan {
  const [begins, ends] = [integersAt(call, 1, 'begin'), integersAt(call, 2, 'end')];
  const strides = call.inputs.length > 3 ? integersAt(call, 3, 'strides') : begins.map(() => 1);
  if (ends.length !== begins.length || strides.length !== begins.length || begins.length > 31) {
    throw contradictory(
      call,
      `its begins, ends and strides differ in number (${begins.length}, ${ends.length}, ${strides.length}), or there are over 31`,
    );
  }
  const masks = ['begin_mask', 'end_mask', 'ellipsis_mask', 'new_axis_mask', 'shrink_axis_mask'];
  const [openBegin, openEnd, ellipsis, isNew, shrinks] = masks.map((name) => {
    const bits = call.attributes.integer(name, 0);
    return (place: number): boolean => ((bits >> place) & 1) === 1;
  }) as [Bit, Bit, Bit, Bit, Bit];
  const places = begins.map((_, place) => place);
  const counted = places.filter((place) => !isNew(place) && !ellipsis(place)).length;
  const skipped = Math.max(0, shape.length - counted);
  const stretches: Stretch[] = [];
  const left: number[] = [];
  const keepWhole = (size: number): void => {
    stretches.push({ start: 0, step: 1, length: size });
    left.push(size);
  };
  for (const place of places) {
    if (ellipsis(place)) {
      for (let i = 0; i < skipped; i++) keepWhole(shape[stretches.length]!);
      continue;
    }
    if (isNew(place)) {
      left.push(1);
      continue;
    }
    const size = shape[stretches.length];
    if (size === undefined)
      throw contradictory(
        call,
        `it indexes axis ${stretches.length} of a value with ${shape.length} axes`,
      );
    const step = strides[place]!;
    const begin = openBegin(place) ? null : begins[place]!;
    if (shrinks(place)) {
      const start = (begin ?? 0) < 0 ? (begin ?? 0) + size : (begin ?? 0);
      if (start < 0 || start >= size) throw contradictory(call, `index ${begin} of ${size}`);
      stretches.push({ start, step: 1, length: 1 });
      continue;
    }
    const stretch = stretchOf(begin, openEnd(place) ? null : ends[place]!, step, size);
    if (stretch === null) throw unsupported(call, `its stride is 0, or its result is empty`);
    stretches.push(stretch);
    left.push(stretch.length);
  }
  while (stretches.length < shape.length) keepWhole(shape[stretches.length]!);
  return { stretches, shape: left };
}

type Bit = (place: number) => boolean;

function stretchOf(
  begin: number | null,
  end: number | null,
  step: number,
  size: number,
): Stretch | null {
  if (step === 0) return null;
  const [least, most] = step > 0 ? [0, size] : [-1, size - 1];
  const clamp = (place: number): number =>
    Math.min(Math.max(place < 0 ? place + size : place, least), most);
  const start = begin === null ? (step > 0 ? 0 : size - 1) : clamp(begin);
  const stop = end === null ? (step > 0 ? size : -1) : clamp(end);
  const length = Math.ceil((stop - start) / step);
  return length > 0 ? { start, step, length } : null;
}
