import type { GraphBuilder } from './graph-builder.ts';
import type { NodeValue } from './value.ts';

/**
 * The maximum or minimum of a value and one number. The value comes first, so it is taken where both are
 * equal.
 */
export function boundValue(
  builder: GraphBuilder,
  kind: 'maximum' | 'minimum',
  value: NodeValue,
  bound: number,
): NodeValue {
  const { shape } = builder.nodes.get(value.node)!;
  const number = numberLike(builder, value, bound);
  return { ...value, node: builder.emit({ kind }, [value.node, number.node], shape) };
}

/** One number as a value that stores the same axes as another, each of size 1. */
export function numberLike(builder: GraphBuilder, like: NodeValue, number: number): NodeValue {
  const ones = builder.nodes.get(like.node)!.shape.map(() => 1);
  const value = builder.weight(`the number ${number}`, ones, () => Float32Array.of(number));
  const node = builder.emit({ kind: 'constant' }, [], ones, { weights: { value } });
  return { ...like, node, shape: like.shape.map(() => 1), channels: null };
}
