import type { Constant } from '../../graph/constant.ts';
import { arithmetic, logic } from '../../graph/fold/arithmetic.ts';
import { constantInput, foldNode, type FoldTable } from '../../graph/fold/fold-node.ts';
import type { OnnxCall } from '../onnx-call.ts';
import { numberFolds } from './numbers.ts';
import { partFolds } from './parts.ts';
import { shapeFolds } from './shapes.ts';
import { weightFolds } from './weights.ts';

/**
 * Computes a node whose inputs are all constants: shape arithmetic, index tables, weights that are written in
 * parts.
 *
 * @returns null for an operator that has no fold.
 * @throws GradcamError `model` for a value over the limits.
 */
export function foldOnnxNode(call: OnnxCall): readonly Constant[] | null {
  return foldNode(folds, call.type, call);
}

/** By ONNX's names of operators. */
const folds: FoldTable<OnnxCall> = {
  Identity: (call) => constantInput(call, 0),
  Dropout: (call) => constantInput(call, 0),
  Neg: arithmetic.negate,
  Abs: arithmetic.abs,
  Sqrt: arithmetic.sqrt,
  Reciprocal: arithmetic.reciprocal,
  Exp: arithmetic.exp,
  Log: arithmetic.log,
  Sin: arithmetic.sin,
  Cos: arithmetic.cos,
  Tanh: arithmetic.tanh,
  Sigmoid: arithmetic.sigmoid,
  Relu: arithmetic.relu,
  Sign: arithmetic.sign,
  Ceil: arithmetic.ceil,
  Floor: arithmetic.floor,
  Round: arithmetic.round,
  Add: arithmetic.add,
  Sum: arithmetic.sum,
  Sub: arithmetic.subtract,
  Mul: arithmetic.multiply,
  Div: arithmetic.divide,
  Pow: arithmetic.power,
  Min: arithmetic.min,
  Max: arithmetic.max,
  Equal: logic.equal,
  Greater: logic.greater,
  GreaterOrEqual: logic.greaterOrEqual,
  Less: logic.less,
  LessOrEqual: logic.lessOrEqual,
  And: logic.and,
  Or: logic.or,
  Xor: logic.xor,
  Not: logic.not,
  ...numberFolds,
  ...shapeFolds,
  ...partFolds,
  ...weightFolds,
};
