import type { Constant } from './constant.ts';
import type { GraphBuilder } from './graph-builder.ts';
import { insertAxis } from './layout.ts';
import { transposeValues } from './transpose-values.ts';
import type { NodeValue } from './value.ts';

/**
 * Makes a constant a value of the network, stored in the order of the value that it will be joined with, so
 * that nothing has to be moved when the model runs.
 *
 * @param like the value that it will be joined with. The axes that this value stores are stored for the
 *   constant too, even where the constant has size 1.
 * @param also further axes that must be stored.
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

/** Makes a constant a value of the network, stored in the file's order. */
export function constantAlone(builder: GraphBuilder, constant: Constant): NodeValue {
  const { shape } = constant;
  const batch = shape.length > 1 && shape[0] === 1 ? 0 : null;
  const order = shape.map((_, axis) => axis).filter((axis) => axis !== batch);
  const like = { kind: 'node', node: '', shape, order, batch, channels: null } as const;
  return constantValue(builder, constant, like);
}
