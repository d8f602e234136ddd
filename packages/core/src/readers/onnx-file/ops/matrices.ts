import { countElements } from '../../../base/nd-array.ts';
import { reshapeConstant, type Constant } from '../../graph/constant.ts';
import { constantValue } from '../../graph/constant-value.ts';
import { matrixOf, multiplyAxis } from '../../graph/dense.ts';
import { padRank, transposeValue } from '../../graph/layout.ts';
import { dropAxes } from '../../graph/reduce-value.ts';
import { joinConstant, vectorWeight } from '../../graph/lines.ts';
import { multiplyMatrices } from '../../graph/multiply-matrices.ts';
import { scalarAffine } from '../../graph/scalar-affine.ts';
import type { NodeValue, Value } from '../../graph/value.ts';
import {
  constantAt,
  contradictory,
  unsupported,
  valueAt,
  type OnnxCall,
  type Translate,
} from '../onnx-call.ts';
import { arithmeticTranslators } from './arithmetic.ts';

/** Transposes the last two axes. */
function turn(value: NodeValue): NodeValue {
  const rank = value.shape.length;
  const axes = value.shape.map((_, axis) => axis);
  [axes[rank - 2], axes[rank - 1]] = [rank - 1, rank - 2];
  return transposeValue(value, axes);
}

/** The only matrix of a constant whose other axes have size 1; null for a constant with several matrices. */
function plainMatrix({ name, shape, ...rest }: Constant): Constant | null {
  const [inputs, outputs] = shape.length === 1 ? [shape[0]!, 1] : shape.slice(-2);
  if (shape.length === 0 || countElements(shape) !== inputs! * outputs!) return null;
  return reshapeConstant({ name, shape, ...rest }, name, [inputs!, outputs!]);
}

/** `MatMul` of a value and a constant matrix on either side, or of two values. */
const translateMatMul: Translate = (call) => {
  const { builder } = call;
  const [a, b] = call.inputs;
  if (a?.kind === 'constant') {
    const value = valueAt(call, 1);
    const plain = a.shape.length > 1 && value.shape.length > 1 ? plainMatrix(a) : null;
    if (plain === null && a.shape.length === 1 && value.shape.length > 1) {
      const row = reshapeConstant(a, a.name, [1, ...a.shape]);
      const made = turn(times(call, turn(value), matrixOf(row, true)));
      return [dropStored(call, made, made.shape.length - 2)];
    }
    if (plain === null) return [product(call, constantValue(builder, a, value), value)];
    // (A x) is (xᵀ Aᵀ)ᵀ, and transposing a value moves nothing.
    const padded = padRank(value, a.shape.length);
    return [turn(times(call, turn(padded), matrixOf(plain, true)))];
  }
  const value = valueAt(call, 0);
  if (b?.kind !== 'constant') return [product(call, value, valueAt(call, 1))];
  const plain = plainMatrix(b);
  if (plain === null) return [product(call, value, constantValue(builder, b, value))];
  const made = times(call, padRank(value, b.shape.length), matrixOf(plain, false));
  return [b.shape.length > 1 ? made : dropStored(call, made, made.shape.length - 1)];
};

/** Drops an axis of size 1, also where it is stored. */
function dropStored({ builder }: OnnxCall, value: NodeValue, dropped: number): NodeValue {
  const sizes = value.order.filter((axis) => axis !== dropped).map((axis) => value.shape[axis]!);
  const node = builder.emit({ kind: 'reshape' }, [value.node], sizes);
  return dropAxes({ ...value, node }, new Set([dropped]));
}

function product(call: OnnxCall, a: NodeValue, b: NodeValue): NodeValue {
  if (a.shape.length < 2 || b.shape.length < 2) {
    throw unsupported(
      call,
      'the product of a matrix and a vector, both computed, is not supported',
    );
  }
  const made = multiplyMatrices(call.builder, a, b);
  if (made !== null) return made;
  throw contradictory(
    call,
    `values [${a.shape.join(', ')}] and [${b.shape.join(', ')}] do not fit each other`,
  );
}

function requireMatrix(call: OnnxCall, constant: Constant): Constant {
  const plain = plainMatrix(constant);
  if (plain !== null) return plain;
  throw contradictory(call, `its constant [${constant.shape.join(', ')}] is not a matrix`);
}

function times(
  call: OnnxCall,
  value: NodeValue,
  matrix: ReturnType<typeof matrixOf>,
  bias?: string,
): NodeValue {
  const axis = value.shape.length - 1;
  if (value.shape[axis] !== matrix.inputs) {
    throw contradictory(
      call,
      `a value [${value.shape.join(', ')}] and a matrix of ${matrix.inputs} rows do not fit each other`,
    );
  }
  return multiplyAxis(call.builder, value, axis, matrix, bias);
}

/** `Gemm` computes `alpha * A * B + beta * C`; A or B is a constant. */
const translateGemm: Translate = (call) => {
  const { attributes, builder } = call;
  const [alpha, beta] = [attributes.float('alpha', 1), attributes.float('beta', 1)];
  const [turnsA, turnsB] = [attributes.flag('transA', false), attributes.flag('transB', false)];
  attributes.ignore('broadcast');
  const [a, b] = call.inputs;
  if (a?.kind === 'constant') {
    const value = valueAt(call, 1);
    const x = turnsB ? value : turn(value);
    const product = turn(times(call, x, matrixOf(requireMatrix(call, a), !turnsA, alpha)));
    return [addTerm(call, product, beta)];
  }
  const value = valueAt(call, 0);
  const x = turnsA ? turn(value) : value;
  if (b?.kind !== 'constant') {
    const y = valueAt(call, 1);
    const scaled = scalarAffine(builder, product(call, x, turnsB ? turn(y) : y), alpha, 0);
    return [addTerm(call, scaled, beta)];
  }
  const matrix = matrixOf(requireMatrix(call, b), turnsB, alpha);
  const term = call.inputs[2]?.kind === 'node' ? null : constantAt(call, 2, 'C');
  // A bias becomes part of the product's node, so that the two are one linear layer.
  if (term !== null && beta === 1 && isVector(term, matrix.outputs)) {
    return [times(call, x, matrix, vectorWeight(builder, term))];
  }
  return [addTerm(call, times(call, x, matrix), beta)];
};

function isVector({ shape }: Constant, count: number): boolean {
  return shape.at(-1) === count && countElements(shape) === count;
}

function addTerm(call: OnnxCall, product: NodeValue, beta: number): Value {
  const term = call.inputs[2];
  if (!term || beta === 0) return product;
  if (term.kind === 'constant') {
    const of = (value: number): number => value * beta;
    const added = joinConstant(call.builder, product, term, 'bias', { title: `${beta} times`, of });
    if (added !== null) return added;
    throw unsupported(
      call,
      `its C [${term.shape.join(', ')}] is larger than the product, which is not supported`,
    );
  }
  if (beta !== 1)
    throw unsupported(call, `its beta ${beta} with a computed C is not supported; expected 1`);
  const attributes = { ...call.attributes, raw: () => null };
  return arithmeticTranslators['Add']!({ ...call, attributes, inputs: [product, term] })[0]!;
}

/** Products of matrices. */
export const matrixTranslators: Readonly<Record<string, Translate>> = {
  MatMul: translateMatMul,
  Gemm: translateGemm,
};
