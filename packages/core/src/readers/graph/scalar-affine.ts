import type { GraphBuilder } from './graph-builder.ts';
import { recogniseSixth, scalarLine } from './recognise.ts';
import type { NodeValue } from './value.ts';

/** Files hold numbers as float32, so they are compared with this relative tolerance. */
const NEAR = 1e-6;

/** Computes `x * scale + offset` with one scale and one offset for all values. */
export function scalarAffine(
  builder: GraphBuilder,
  value: NodeValue,
  scale: number,
  offset: number,
): NodeValue {
  if (scale === 1 && offset === 0) return value;
  const node = builder.nodes.get(value.node)!;
  const inner = offset === 0 ? recogniseSixth(builder, value.node, scale) : null;
  if (inner !== null) {
    const fn = { name: 'hardSigmoid' as const, slope: 1 / 6 };
    const made = builder.emit({ kind: 'activation', fn }, [inner], node.shape);
    return { ...value, node: made };
  }
  const before = scalarLine(node.op);
  // A factor of 6 that was taken out of an activation meets the file's 1/6, and both cancel out. So do the
  // scale and shift of QuantizeLinear and DequantizeLinear.
  const isUndone =
    before !== null &&
    Math.abs(before.scale * scale - 1) < NEAR &&
    Math.abs(before.offset * scale + offset) <= NEAR * Math.abs(offset);
  if (isUndone) return { ...value, node: node.inputs[0]! };
  const op = { kind: 'affine' as const, scale: [scale], offset: [offset] };
  return { ...value, node: builder.emit(op, [value.node], node.shape) };
}
