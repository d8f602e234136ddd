import { broadcastShapes } from '../../graph/fold/shapes.ts';
import { padRank, reshapeValue, transposeValue } from '../../graph/layout.ts';
import { checkOrder, squeezedAxes, unsqueezedShape } from '../../graph/new-shapes.ts';
import { dropAxes } from '../../graph/reduce-value.ts';
import { repeatValue } from '../../graph/repeat-value.ts';
import type { NodeValue } from '../../graph/value.ts';
import {
  contradictory,
  integersAt,
  type OnnxCall,
  requireConstant,
  type Translate,
  valueAt,
} from '../onnx-call.ts';
import { readFlatShape, readNewShape } from '../shape-rules.ts';

/** Operators that change, move or repeat the axes of a value. */

const translateReshape: Translate = (call) => {
  const value = valueAt(call, 0);
  return [reshapeValue(call.builder, value, readNewShape(call, value.shape, itemsOf(call, value)))];
};

/** How many pictures the file counts in the first axis of a value, of which one is computed. */
function itemsOf({ builder }: OnnxCall, { batch }: NodeValue): number {
  return batch === 0 || batch === null ? builder.fixedBatch : 1;
}

const translateFlatten: Translate = (call) => {
  const value = valueAt(call, 0);
  return [reshapeValue(call.builder, value, readFlatShape(call, value.shape))];
};

const translateSqueeze: Translate = (call) => {
  const value = valueAt(call, 0);
  const stated = integersAt(call, 1, 'axes');
  if (stated === null && value.batch !== null) {
    call.builder.notes.push(
      `${call.title} states no axes: every axis of size 1 except the batch is dropped`,
    );
  }
  const dropped = squeezedAxes(call, value.shape, stated, value.batch);
  // An axis that is dropped must not be stored.
  const kept = { ...value, order: value.order.filter((axis) => !dropped.has(axis)) };
  const stored = kept.order.map((axis) => value.shape[axis]!);
  const isSame = stored.length === value.order.length;
  const node = isSame ? value.node : call.builder.emit({ kind: 'reshape' }, [value.node], stored);
  return [dropAxes({ ...kept, node }, dropped)];
};

const translateUnsqueeze: Translate = (call) => {
  const value = valueAt(call, 0);
  const axes = integersAt(call, 1, 'axes') ?? [];
  const shape = unsqueezedShape(call, value.shape, axes);
  const added = new Set(axes.map((axis) => (axis < 0 ? axis + shape.length : axis)));
  // The new places of the old axes. The new axes have size 1 and are not stored.
  const places = shape.map((_, axis) => axis).filter((axis) => !added.has(axis));
  const moved = (axis: number | null): number | null => (axis === null ? null : places[axis]!);
  const order = value.order.map((axis) => places[axis]!);
  return [{ ...value, shape, order, batch: moved(value.batch), channels: moved(value.channels) }];
};

const translateTranspose: Translate = (call) => {
  const value = valueAt(call, 0);
  const rank = value.shape.length;
  const axes = call.attributes.integers('perm') ?? value.shape.map((_, axis) => rank - 1 - axis);
  checkOrder(call, axes, value.shape);
  return [transposeValue(value, axes)];
};

const translateExpand: Translate = (call) => {
  const given = valueAt(call, 0);
  const sizes = Array.from(requireConstant(call, 1, 'shape').values());
  const value = padRank(given, sizes.length);
  const shape = broadcastShapes(value.shape, sizes);
  if (shape !== null) return [repeatValue(call.builder, value, shape)];
  throw contradictory(
    call,
    `a value [${value.shape.join(', ')}] does not become [${sizes.join(', ')}]`,
  );
};

/** Tiling: an axis of size 1 is put before each axis and repeated, then the two become one axis. */
const translateTile: Translate = (call) => {
  const { builder } = call;
  const value = valueAt(call, 0);
  const repeats = Array.from(requireConstant(call, 1, 'repeats').values());
  const isWhole = repeats.every((times) => Number.isSafeInteger(times) && times >= 1);
  if (repeats.length !== value.shape.length || !isWhole) {
    throw contradictory(call, `repeats [${repeats.join(', ')}] of ${value.shape.length} axes`);
  }
  const split = value.shape.flatMap((size) => [1, size]);
  const apart = reshapeValue(builder, value, split);
  const repeated = repeatValue(
    builder,
    apart,
    value.shape.flatMap((size, axis) => [repeats[axis]!, size]),
  );
  return [
    reshapeValue(
      builder,
      repeated,
      value.shape.map((size, axis) => size * repeats[axis]!),
    ),
  ];
};

export const axisTranslators: Readonly<Record<string, Translate>> = {
  Reshape: translateReshape,
  Flatten: translateFlatten,
  Squeeze: translateSqueeze,
  Unsqueeze: translateUnsqueeze,
  Transpose: translateTranspose,
  Expand: translateExpand,
  Tile: translateTile,
};
