import { clip, findActivation } from './activation-functions.ts';
import * as arithmetic from './arithmetic.ts';
import { getItem } from './get-item.ts';
import * as logic from './logic.ts';
import { onlyTerm, readAxis, type OperatorCall } from './operands.ts';
import { any, reduce } from './reduce-operators.ts';
import { resize } from './resize-operator.ts';
import {
  concatenate,
  expandDims,
  flip,
  reshape,
  squeeze,
  stack,
  transpose,
} from './shape-operators.ts';
import type { Term } from './terms.ts';

/** Computes the value of an operator from its operands. */
export type Operator = (call: OperatorCall) => Term;

/** The operators by their names in Keras 3. `nameOperator` gives functions of TensorFlow these names, too. */
export const operators: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ['Absolute', (call) => absolute(call, onlyTerm(call))],
  ['Add', arithmetic.add],
  ['Any', any],
  ['Cast', cast],
  ['Clip', clipBetween],
  ['Concatenate', concatenate],
  ['ConvertToTensor', cast],
  ['Copy', onlyTerm],
  ['Elu', byName('elu')],
  ['Exp', byName('exponential')],
  ['ExpandDims', expandDims],
  ['Flip', flip],
  ['Gelu', gelu],
  ['GetItem', getItem],
  ['HardSigmoid', byName('hard_sigmoid')],
  ['HardSilu', byName('hard_silu')],
  ['HardTanh', byName('hard_tanh')],
  ['LeakyRelu', leakyRelu],
  ['Log', (call) => call.terms.fn(onlyTerm(call), { name: 'log' })],
  ['LogSigmoid', byName('log_sigmoid')],
  ['LogSoftmax', overLastAxis('log_softmax')],
  ['LogicalAnd', logic.logicalAnd],
  ['LogicalNot', logic.logicalNot],
  ['LogicalOr', logic.logicalOr],
  ['Maximum', arithmetic.maximum],
  ['Mean', (call) => reduce(call, true)],
  ['Minimum', arithmetic.minimum],
  ['Multiply', arithmetic.multiply],
  ['Negative', (call) => call.terms.affine(onlyTerm(call), [-1], [0])],
  ['NotEqual', logic.notEqual],
  ['OnesLike', logic.likeIts(1)],
  ['Power', arithmetic.power],
  ['Reciprocal', power(-1)],
  ['Relu', byName('relu')],
  ['Relu6', byName('relu6')],
  ['Reshape', reshape],
  ['Resize', resize],
  ['Rsqrt', power(-0.5)],
  ['Selu', byName('selu')],
  ['Sigmoid', byName('sigmoid')],
  ['Silu', byName('silu')],
  ['Softmax', overLastAxis('softmax')],
  ['Softplus', byName('softplus')],
  ['Softsign', byName('softsign')],
  ['Sqrt', power(0.5)],
  ['Square', (call) => square(call, onlyTerm(call))],
  ['Squeeze', squeeze],
  ['Stack', stack],
  ['StopGradient', onlyTerm],
  ['Subtract', arithmetic.subtract],
  ['Sum', (call) => reduce(call, false)],
  ['Tanh', byName('tanh')],
  ['Transpose', transpose],
  ['TrueDivide', arithmetic.divide],
  ['ZerosLike', logic.likeIts(0)],
]);

function byName(name: string): Operator {
  return (call) => {
    const activation = findActivation(name, call.call.writer);
    if (name === 'elu' && Number(call.option('alpha') ?? 1) !== 1) {
      const alpha = Number(call.option('alpha'));
      return call.terms.fn(onlyTerm(call), { name: 'elu', alpha });
    }
    return activation!(onlyTerm(call), call.terms);
  };
}

function overLastAxis(name: string): Operator {
  return (call) => {
    const x = onlyTerm(call);
    const rank = x.shape.length;
    if (readAxis(call, call.option('axis') ?? -1, rank) !== rank - 1) {
      return call.refuse('expected the last axis');
    }
    return byName(name)(call);
  };
}

function gelu(call: OperatorCall): Term {
  // Keras uses the approximation by default, and TensorFlow does not.
  const approximates = call.option('approximate') ?? call.call.writer === 'keras3';
  return call.terms.fn(onlyTerm(call), { name: approximates === true ? 'geluTanh' : 'gelu' });
}

function leakyRelu(call: OperatorCall): Term {
  const slope = Number(call.option('negative_slope', 'alpha') ?? 0.2);
  return call.terms.relu(onlyTerm(call), { slope });
}

function power(exponent: number): Operator {
  return (call) => call.terms.fn(onlyTerm(call), { name: 'power', exponent });
}

function square({ terms }: OperatorCall, x: Term): Term {
  return terms.multiply(x, x);
}

function absolute({ terms }: OperatorCall, x: Term): Term {
  return terms.apply({ kind: 'maximum' }, [x, terms.affine(x, [-1], [0])]);
}

/** A cast to a type of floating point changes nothing. A cast to integers would round, and is refused. */
function cast(call: OperatorCall): Term {
  const dtype = String(call.option('dtype', 'DstT') ?? 'float32');
  if (/float/i.test(dtype)) return onlyTerm(call);
  return call.refuse(`it casts to ${dtype}, and only floating point is supported`);
}

function clipBetween(call: OperatorCall): Term {
  const [x, ...bounds] = call.operands;
  const constants = bounds.map((one) => (one.kind === 'constant' ? one.value : undefined));
  const low = call.option('x_min', 'clip_value_min') ?? constants[0];
  const high = call.option('x_max', 'clip_value_max') ?? constants[1];
  if (x?.kind !== 'value' || typeof low !== 'number' || typeof high !== 'number') {
    return call.refuse('expected one value between two numbers');
  }
  return clip(x.term, low, high, call.terms);
}
