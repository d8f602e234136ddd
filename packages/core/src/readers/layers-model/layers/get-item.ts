import { ELLIPSIS, type SliceSpec } from '../layer-calls.ts';
import type { OperatorCall } from './operands.ts';
import type { Term } from './terms.ts';

/**
 * The most parts from which a slice with a step is put together. More would make a graph that consists
 * mostly of slices.
 */
const MOST_PARTS = 64;

/**
 * `x[..., 2]`, `x[:, 4:20, :, ::-1]`: one index for each axis. The first axis is the batch, which must stay
 * whole. A number removes its axis, and None adds one.
 */
export function getItem(call: OperatorCall): Term {
  const [x, given] = call.operands;
  const key = given?.kind === 'constant' ? given.value : call.option('slice_spec', 'key');
  if (x?.kind !== 'value' || key === undefined || call.operands.length > 2) {
    return call.refuse('expected a value and constant indices');
  }
  const rank = x.term.shape.length;
  const [batch, ...indices] = spread(
    call,
    Array.isArray(key) ? (key as unknown[]) : [key],
    rank + 1,
  );
  if (!isWhole(batch)) return call.refuse('it takes items out of the batch');
  let result = x.term;
  const shape: number[] = [];
  let axis = 0;
  for (const index of indices) {
    if (index === null) {
      shape.push(1);
      continue;
    }
    const size = result.shape[axis]!;
    if (typeof index === 'number') {
      const place = index < 0 ? size + index : index;
      if (!(place >= 0 && place < size)) return call.refuse(`index ${index} is outside of ${size}`);
      if (size > 1) result = call.terms.slice(result, axis, place, 1);
    } else {
      result = takeSlice(call, result, axis, index as SliceSpec);
      shape.push(result.shape[axis]!);
    }
    axis += 1;
  }
  return shape.join() === result.shape.join() ? result : call.terms.reshape(result, shape);
}

/** Replaces `...` by full slices, and adds full slices for axes that are left out at the end. */
function spread(call: OperatorCall, key: readonly unknown[], rank: number): unknown[] {
  const whole: SliceSpec = { start: null, stop: null, step: null };
  const decoded = key.map((index) => decodeIndex(call, index));
  const taken = decoded.filter((index) => index !== null && index !== ELLIPSIS).length;
  if (taken > rank) return call.refuse(`${taken} indices for ${rank} axes`);
  const rest = Array.from({ length: rank - taken }, () => whole);
  const place = decoded.indexOf(ELLIPSIS);
  if (place < 0) return [...decoded, ...rest];
  return [...decoded.slice(0, place), ...rest, ...decoded.slice(place + 1)];
}

function decodeIndex(call: OperatorCall, index: unknown): number | null | string | SliceSpec {
  if (index === null || index === ELLIPSIS || Number.isInteger(index))
    return index as number | null;
  if (typeof index === 'object' && !Array.isArray(index)) {
    const { start = null, stop = null, step = null } = index as Partial<SliceSpec>;
    const bounds = [start, stop, step];
    if (bounds.every((bound) => bound === null || Number.isInteger(bound))) {
      return { start, stop, step };
    }
  }
  return call.refuse(`index ${JSON.stringify(index)} is not a place, a slice or an ellipsis`);
}

function isWhole(index: unknown): boolean {
  const { start, stop, step } = (index ?? {}) as Partial<SliceSpec>;
  return (start === null || start === 0) && stop === null && (step === null || step === 1);
}

/** Takes a slice by Python's rules: negative bounds count from the end, and bounds are cut at the edges. */
function takeSlice(call: OperatorCall, x: Term, axis: number, spec: SliceSpec): Term {
  const size = x.shape[axis]!;
  const step = spec.step ?? 1;
  if (step === 0) return call.refuse('a slice has step 0');
  const bound = (value: number | null, whole: number, least: number, most: number): number => {
    if (value === null) return whole;
    return Math.min(Math.max(value < 0 ? value + size : value, least), most);
  };
  const [start, stop] =
    step > 0
      ? [bound(spec.start, 0, 0, size), bound(spec.stop, size, 0, size)]
      : [bound(spec.start, size - 1, -1, size - 1), bound(spec.stop, -1, -1, size - 1)];
  const count = Math.max(0, Math.ceil((stop - start) / step));
  if (count === 0) return call.refuse(`the slice of ${size} is empty`);
  if (count === size && step === 1) return x;
  if (step === 1 || count === 1) return call.terms.slice(x, axis, start, count);
  if (count > MOST_PARTS) {
    return call.refuse(
      `a slice with step ${step} of ${count} parts; up to ${MOST_PARTS} are supported`,
    );
  }
  const parts = Array.from({ length: count }, (_, i) =>
    call.terms.slice(x, axis, start + i * step, 1),
  );
  return call.terms.concatenate(parts, axis);
}
