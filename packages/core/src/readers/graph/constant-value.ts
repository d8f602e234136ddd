import type { Constant } from './constant.ts';
import type { GraphBuilder } from './graph-builder.ts';
import { insertAxis } from './layout.ts';
import { transposeValues } from './transpose-values.ts';
import type { NodeValue } from './value.ts';

/**
 * A constant as a value among others, stored in the order of the value that it meets, so that nothing has
 * to be moved when the model runs.
 *
 * @param like a value of at least the constant's rank; its axes are stored though the constant has size 1
 *   there.
 * @param also an axis that is stored in any case.
 */
export function constantValue(
  builder: GraphBuilder,
  constant: Constant,
  like: NodeValue,
  also: readonly number[] = [],
): NodeValue {
  const rank = Math.max(like.shape.length, constant.shape.length);
  const shape = [...new Array<number>(rank - constant.shape.length).fill(1), ...constant.shape];
  const more = rank - like.shape.length;
  const order = like.order.map((axis) => axis + more);
  for (let axis = 0; axis < rank; axis++) {
    const isWanted = shape[axis] !== 1 || also.includes(axis);
    if (!isWanted || order.includes(axis)) continue;
    insertAxis(order, axis);
  }
  const others = shape.map((_, axis) => axis).filter((axis) => !order.includes(axis));
  const stored = order.map((axis) => shape[axis]!);
  const isPlain = order.every((axis, i) => i === 0 || axis > order[i - 1]!);
  const name = isPlain ? constant.name : `${constant.name} (${order.join(', ')})`;
  const value = builder.weight(name, stored, () => {
    const values = constant.values();
    if (isPlain) return Float32Array.from(values);
    return transposeValues(values, shape, [...others, ...order]);
  });
  const node = builder.emit({ kind: 'constant' }, [], stored, { weights: { value } });
  const batch = others.includes(like.batch === null ? -1 : like.batch + more)
    ? like.batch! + more
    : null;
  return { kind: 'node', node, shape, order, batch, channels: null };
}

/** A constant as a value of its own, in the file's order. */
export function constantAlone(builder: GraphBuilder, constant: Constant): NodeValue {
  const { shape } = constant;
  const batch = shape.length > 1 && shape[0] === 1 ? 0 : null;
  const order = shape.map((_, axis) => axis).filter((axis) => axis !== batch);
  const like = { kind: 'node', node: '', shape, order, batch, channels: null } as const;
  return constantValue(builder, constant, like);
}
