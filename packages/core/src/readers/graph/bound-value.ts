import type { GraphBuilder } from './graph-builder.ts';
import type { NodeValue } from './value.ts';

/** The larger or smaller of a value and one number; where they are equal, the value. */
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
