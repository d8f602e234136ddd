import { countElements } from '../../../base/nd-array.ts';
import { reshapeConstant, type Constant } from '../../graph/constant.ts';
import { matrixOf, multiplyAxis } from '../../graph/dense.ts';
import { transposeValue } from '../../graph/layout.ts';
import { joinConstant, vectorWeight } from '../../graph/lines.ts';
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

/** Last two axes the other way round. */
function turn(value: NodeValue): NodeValue {
  const rank = value.shape.length;
  const axes = value.shape.map((_, axis) => axis);
  [axes[rank - 2], axes[rank - 1]] = [rank - 1, rank - 2];
  return transposeValue(value, axes);
}

/** A matrix among axes of size 1. */
function plainMatrix(call: OnnxCall, constant: Constant): Constant {
  const { shape, name } = constant;
  const [inputs, outputs] = shape.length === 1 ? [shape[0]!, 1] : shape.slice(-2);
  if (shape.length === 0 || countElements(shape) !== inputs! * outputs!) {
    throw unsupported(call, `its constant [${shape.join(', ')}] is several matrices`);
  }
  return reshapeConstant(constant, name, [inputs!, outputs!]);
}

/** `MatMul` of a value and a constant matrix, on either side. */
const translateMatMul: Translate = (call) => {
  const { builder } = call;
  const [a, b] = call.inputs;
  if (a?.kind === 'constant') {
    // (A x) is (xᵀ Aᵀ)ᵀ, and turning a value is but another name for its axes.
    const x = turn(valueAt(call, 1));
    const matrix = matrixOf(plainMatrix(call, a), true);
    return [turn(times(call, x, matrix))];
  }
  if (b?.kind !== 'constant') {
    valueAt(call, 0);
    valueAt(call, 1);
    throw unsupported(call, 'the product of two computed values is not known here');
  }
  const product = times(call, valueAt(call, 0), matrixOf(plainMatrix(call, b), false));
  if (b.shape.length > 1) return [product];
  const { order, shape } = product;
  const last = shape.length - 1;
  const dropped = order.filter((axis) => axis !== last);
  const node = builder.emit(
    { kind: 'reshape' },
    [product.node],
    dropped.map((axis) => shape[axis]!),
  );
  return [{ ...product, node, order: dropped, shape: shape.slice(0, -1), channels: null }];
};

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

/** `Gemm`: `alpha * A * B + beta * C` with A or B constant. */
const translateGemm: Translate = (call) => {
  const { attributes, builder } = call;
  const [alpha, beta] = [attributes.float('alpha', 1), attributes.float('beta', 1)];
  const [turnsA, turnsB] = [attributes.flag('transA', false), attributes.flag('transB', false)];
  attributes.ignore('broadcast');
  const [a, b] = call.inputs;
  if (a?.kind === 'constant') {
    const value = valueAt(call, 1);
    const x = turnsB ? value : turn(value);
    const product = turn(times(call, x, matrixOf(plainMatrix(call, a), !turnsA, alpha)));
    return [addTerm(call, product, beta)];
  }
  const value = valueAt(call, 0);
  const x = turnsA ? turn(value) : value;
  if (b?.kind !== 'constant')
    throw unsupported(call, 'the product of two computed values is not known here');
  const matrix = matrixOf(plainMatrix(call, b), turnsB, alpha);
  const term = call.inputs[2]?.kind === 'node' ? null : constantAt(call, 2, 'C');
  // A bias goes into the product itself.
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
    throw unsupported(call, `its C [${term.shape.join(', ')}] is larger than the product`);
  }
  if (beta !== 1) throw unsupported(call, `its beta is ${beta}, with a computed C`);
  const attributes = { ...call.attributes, raw: () => null };
  return arithmeticTranslators['Add']!({ ...call, attributes, inputs: [product, term] })[0]!;
}

/** Products with constant matrices. */
export const matrixTranslators: Readonly<Record<string, Translate>> = {
  MatMul: translateMatMul,
  Gemm: translateGemm,
};
