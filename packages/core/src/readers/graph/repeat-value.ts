import type { GraphBuilder } from './graph-builder.ts';
import { arrange, insertAxis } from './layout.ts';
import type { NodeValue } from './value.ts';

/** Broadcasts a value's axes of size 1 to a shape of the same rank. */
export function repeatValue(
  builder: GraphBuilder,
  value: NodeValue,
  shape: readonly number[],
): NodeValue {
  if (shape.join() === value.shape.join()) return value;
  const order = [...value.order];
  shape.forEach((size, axis) => {
    if (size !== 1 && !order.includes(axis)) insertAxis(order, axis);
  });
  const node = arrange(builder, value, order);
  const stored = order.map((axis) => shape[axis]!);
  const batch = value.batch !== null && shape[value.batch] === 1 ? value.batch : null;
  const repeated = builder.emit({ kind: 'broadcast' }, [node], stored);
  return { ...value, node: repeated, shape, order, batch };
}
