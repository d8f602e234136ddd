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
  const ones = shape.map(() => 1);
  const weight = builder.weight(`the number ${bound}`, ones, () => Float32Array.of(bound));
  const number = builder.emit({ kind: 'constant' }, [], ones, { weights: { value: weight } });
  return { ...value, node: builder.emit({ kind }, [value.node, number], shape) };
}
