import type { GraphBuilder } from '../../graph/graph-builder.ts';
import { arrange, insertAxis, reshapeValue, transposeValue } from '../../graph/layout.ts';
import { checkOrder, reshapedShape } from '../../graph/new-shapes.ts';
import type { NodeValue, Value } from '../../graph/value.ts';
import { partTranslators } from '../../onnx-file/ops/parts.ts';
import {
  asInOnnx,
  contradictory,
  type DefCall,
  integersAt,
  type TranslateDef,
  unsupported,
  valueAt,
} from '../def-call.ts';
import { expandedShape, squeezedShape } from '../shape-rules.ts';

/** Ops that change, move or repeat the axes of a value. */

const toShape =
  (shapeOf: (call: DefCall, shape: readonly number[], value: NodeValue) => readonly number[]) =>
  (call: DefCall): readonly Value[] => {
    const value = valueAt(call, 0);
    return [reshapeValue(call.builder, value, shapeOf(call, value.shape, value))];
  };

const transpose: TranslateDef = (call) => {
  const value = valueAt(call, 0);
  const axes = integersAt(call, 1, 'order of axes');
  checkOrder(call, axes, value.shape);
  return [transposeValue(value, axes)];
};

/** Places of an axis that copies may fill. Each copy of an axis longer than 1 is listed. */
const MOST_PLACES = 2 ** 20;

/** Puts copies side by side along each axis, as many as a constant states. */
const tile: TranslateDef = (call) => {
  const { builder } = call;
  let value = valueAt(call, 0);
  const counts = integersAt(call, 1, 'multiples');
  if (counts.length !== value.shape.length || counts.some((count) => count < 1)) {
    throw contradictory(call, `${counts.join(', ')} copies of [${value.shape.join(', ')}]`);
  }
  counts.forEach((count, axis) => {
    if (count === 1) return;
    if (axis === value.batch)
      throw unsupported(call, 'repeating the items of a batch is not supported');
    if (value.shape[axis]! * count > MOST_PLACES) {
      throw contradictory(call, `${count} copies of axis ${axis} of ${value.shape[axis]!}`);
    }
    value =
      value.shape[axis] === 1
        ? repeatOne(builder, value, axis, count)
        : (asInOnnx(partTranslators['Concat']!, call, new Array<Value>(count).fill(value), {
            axis,
          })[0] as NodeValue);
  });
  return [value];
};

/** Repeats an axis of size 1. */
function repeatOne(
  builder: GraphBuilder,
  value: NodeValue,
  axis: number,
  count: number,
): NodeValue {
  const order = [...value.order];
  if (!order.includes(axis)) insertAxis(order, axis);
  const shape = value.shape.map((size, one) => (one === axis ? count : size));
  const stored = order.map((one) => shape[one]!);
  const node = builder.emit({ kind: 'broadcast' }, [arrange(builder, value, order)], stored);
  return { ...value, order, shape, node };
}

export const axisOps: Readonly<Record<string, TranslateDef>> = {
  Reshape: toShape((call, shape) => reshapedShape(call, shape, integersAt(call, 1, 'shape'))),
  Squeeze: toShape((call, shape, { batch }) => squeezedShape(call, shape, batch)),
  ExpandDims: toShape(expandedShape),
  Transpose: transpose,
  Tile: tile,
};
