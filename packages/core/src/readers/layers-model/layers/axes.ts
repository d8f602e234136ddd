import { onlyInput, type LayerCall } from './layer-reader.ts';
import type { Term, Terms } from './terms.ts';

/** The axes in a layer's `axis`, counted from 0 without the batch. Default: the last axis. */
export function readAxes(call: LayerCall): number[] {
  const rank = onlyInput(call).shape.length;
  const given = call.attributes.raw('axis') ?? -1;
  const list: unknown[] = Array.isArray(given) ? given : [given];
  const axes = list.map((axis) =>
    typeof axis !== 'number' ? NaN : axis < 0 ? rank + axis : axis - 1,
  );
  const isEach = axes.every((axis) => Number.isInteger(axis) && axis >= 0 && axis < rank);
  if (!isEach || axes.length === 0 || new Set(axes).size !== axes.length) {
    return call.attributes.refuse('axis', `axes of [${onlyInput(call).shape.join(', ')}]`);
  }
  return axes;
}

/**
 * Applies an op that works over the last axis to several axes as if they were one. The axes are moved to
 * the end for this and moved back afterwards.
 */
export function overAxes(
  terms: Terms,
  x: Term,
  axes: readonly number[],
  make: (flat: Term) => Term,
): Term {
  const { shape } = x;
  const rest = shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const dims = [...rest, ...axes];
  const isInOrder = dims.every((from, to) => from === to);
  const moved = dims.map((axis) => shape[axis]!);
  const count = axes.reduce((product, axis) => product * shape[axis]!, 1);
  const last = isInOrder ? x : terms.apply({ kind: 'permute', dims }, [x], moved);
  const flat =
    axes.length === 1 ? last : terms.reshape(last, [...rest.map((i) => shape[i]!), count]);
  const made = make(flat);
  const back = axes.length === 1 ? made : terms.reshape(made, moved);
  if (isInOrder) return back;
  const inverse = shape.map((_, axis) => dims.indexOf(axis));
  return terms.apply({ kind: 'permute', dims: inverse }, [back], shape);
}
