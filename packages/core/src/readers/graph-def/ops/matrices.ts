import { matrixOf, multiplyAxis } from '../../graph/dense.ts';
import { transposeValue } from '../../graph/layout.ts';
import { transposeConstant } from '../../graph/fold/rearrange.ts';
import type { Value } from '../../graph/value.ts';
import { translateEinsum } from '../../onnx-file/ops/einsum.ts';
import { matrixTranslators } from '../../onnx-file/ops/matrices.ts';
import { asInOnnx, contradictory, valueAt, type DefCall, type TranslateDef } from '../def-call.ts';
import { activateFused } from './activations.ts';
import { biasOf } from './convolution.ts';

/** Multiplies a value by a constant matrix [in, out], then applies the fused bias and activation. */
const multiply: TranslateDef = (call) => {
  const { attributes, builder } = call;
  const [first, second] = call.inputs;
  const isLinear =
    first?.kind === 'node' &&
    second?.kind === 'constant' &&
    first.shape.length === 2 &&
    second.shape.length === 2 &&
    !attributes.flag('transpose_a', false);
  if (!isLinear) return multiplyTurned(call, 'transpose_a', 'transpose_b');
  const matrix = matrixOf(second, attributes.flag('transpose_b', false));
  if (first.shape[1] !== matrix.inputs) {
    throw contradictory(
      call,
      `a value [${first.shape.join(', ')}] and a matrix of ${matrix.inputs} rows do not fit each other`,
    );
  }
  const { bias } = biasOf(call, matrix.outputs);
  const product = multiplyAxis(builder, first, 1, matrix, bias);
  return [activateFused(call, product, bias === undefined ? call.fused : call.fused.slice(1))];
};

/** A matrix product of which either side may be transposed; the leading axes are broadcast. */
function multiplyTurned(call: DefCall, turnsFirst: string, turnsSecond: string): readonly Value[] {
  if (call.fused.length > 0) return [activateFused(call, valueAt(call, 0), ['a matrix product'])];
  const { attributes } = call;
  const sides = call.inputs.map((value, i) => {
    const isTurned = attributes.flag(i === 0 ? turnsFirst : turnsSecond, false);
    return isTurned ? turn(value) : value;
  });
  return asInOnnx(matrixTranslators['MatMul']!, call, sides);
}

/** Transposes the last two axes. */
function turn(value: Value): Value {
  if (value.kind !== 'node' && value.kind !== 'constant') return value;
  const rank = value.shape.length;
  const axes = value.shape.map((_, axis) => axis);
  [axes[rank - 2], axes[rank - 1]] = [rank - 1, rank - 2];
  if (value.kind === 'node') return transposeValue(value, axes);
  return transposeConstant(value, `${value.name} (turned)`, axes);
}

const multiplyBatches: TranslateDef = (call) => multiplyTurned(call, 'adj_x', 'adj_y');

/** `Einsum` of one or more values; the equation is an attribute. */
const einsum: TranslateDef = (call) =>
  asInOnnx(translateEinsum, call, call.inputs, { equation: call.attributes.text('equation', '') });

export const matrixOps: Readonly<Record<string, TranslateDef>> = {
  MatMul: multiply,
  _FusedMatMul: multiply,
  BatchMatMul: multiplyBatches,
  BatchMatMulV2: multiplyBatches,
  BatchMatMulV3: multiplyBatches,
  Einsum: einsum,
};
