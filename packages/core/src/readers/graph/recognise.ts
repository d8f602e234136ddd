import type { ActivationFunction, OpOf } from '../../network/op.ts';
import type { GraphBuilder } from './graph-builder.ts';

/** An activation that a file writes out as several ops. */
export interface WrittenActivation {
  readonly fn: ActivationFunction;
  readonly input: string;
  /** The factor of the activation. */
  readonly factor: number;
}

/** Files hold 1/6 as float32, so numbers are compared with this tolerance. */
const NEAR = 1e-6;

/**
 * Recognises the product of two values as an activation: `x * sigmoid(x)` is swish, `x * hardSigmoid(x)` is
 * hard swish, `x * tanh(softplus(x))` is mish, and `x * relu6(x + 3)` is six times hard swish.
 */
export function recogniseProduct(
  builder: GraphBuilder,
  a: string,
  b: string,
): WrittenActivation | null {
  return recogniseGate(builder, a, b) ?? recogniseGate(builder, b, a);
}

function recogniseGate(builder: GraphBuilder, x: string, gate: string): WrittenActivation | null {
  const node = builder.nodes.get(gate)!;
  const [before = ''] = node.inputs;
  const { op } = node;
  if (op.kind === 'sigmoid' && before === x) return { fn: { name: 'swish' }, input: x, factor: 1 };
  if (op.kind === 'activation') {
    const { fn } = op;
    if (fn.name === 'hardSigmoid' && before === x) {
      return { fn: { name: 'hardSwish', slope: fn.slope }, input: x, factor: 1 };
    }
    const inner = builder.nodes.get(before);
    if (fn.name !== 'tanh' || inner?.op.kind !== 'activation') return null;
    if (inner.op.fn.name !== 'softplus' || inner.inputs[0] !== x) return null;
    return { fn: { name: 'mish' }, input: x, factor: 1 };
  }
  if (shiftedRelu6(builder, gate) !== x) return null;
  return { fn: { name: 'hardSwish', slope: 1 / 6 }, input: x, factor: 6 };
}

/** The x of `relu6(x + 3) / 6`, which is hard sigmoid; null for any other node. */
export function recogniseSixth(
  builder: GraphBuilder,
  relu6: string,
  factor: number,
): string | null {
  return Math.abs(factor * 6 - 1) < NEAR ? shiftedRelu6(builder, relu6) : null;
}

function shiftedRelu6(builder: GraphBuilder, relu6: string): string | null {
  const node = builder.nodes.get(relu6)!;
  if (node.op.kind !== 'relu' || node.op.max !== 6 || node.op.slope !== 0) return null;
  const shifted = builder.nodes.get(node.inputs[0]!)!;
  const line = scalarLine(shifted.op);
  return line?.scale === 1 && line.offset === 3 ? shifted.inputs[0]! : null;
}

/** Scale and offset of an op that applies one line `x * scale + offset` to all values; null for others. */
export function scalarLine(op: {
  readonly kind: string;
}): { scale: number; offset: number } | null {
  if (op.kind !== 'affine') return null;
  const { scale, offset } = op as OpOf<'affine'>;
  if (scale.length !== 1 || offset.length !== 1) return null;
  return { scale: scale[0]!, offset: offset[0]! };
}
