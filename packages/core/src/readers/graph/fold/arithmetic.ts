import type { Constant, ElementKind } from '../constant.ts';
import { contradictory } from '../node-error.ts';
import { joinConstants, mapConstant } from './elementwise.ts';
import { constantInput, constantInputs, type Fold, type FoldCall } from './fold-node.ts';

/** Folds of functions that compute each value from the values at the same place. */

/**
 * A fold of a function of one value.
 *
 * @param element kind of the result; by default the input's.
 */
export function mapped(fn: (value: number) => number, element?: ElementKind): Fold {
  return (call) => {
    const x = constantInput(call, 0);
    return mapConstant(x, call.name, element ?? x.element, fn);
  };
}

/**
 * A fold of a function of several values, whose shapes are broadcast to each other.
 *
 * @param element kind of the result; by default `float` where any input has fractions, else the first one's.
 */
export function joined(fn: (...values: number[]) => number, element?: ElementKind): Fold {
  return (call) => {
    const inputs = constantInputs(call);
    const isFloat = inputs.some((one) => one.element === 'float');
    return joinedAs(call, inputs, element ?? (isFloat ? 'float' : inputs[0]!.element), fn);
  };
}

/** @throws GradcamError `model` where the shapes do not fit. */
function joinedAs(
  call: FoldCall,
  inputs: readonly Constant[],
  element: ElementKind,
  fn: (...values: number[]) => number,
): Constant {
  const made = joinConstants(inputs, call.name, element, fn);
  if (made !== null) return made;
  throw contradictory(call, 'its constants do not fit each other');
}

/** Values of another kind: a float becomes an integer without its fraction, and everything but 0 is true. */
export function convertConstant(x: Constant, name: string, to: ElementKind): Constant {
  if (to === x.element) return x;
  const fn = { float: Number, integer: Math.trunc, boolean: (n: number) => truth(n !== 0) }[to];
  return mapConstant(x, name, to, fn);
}

/** Integers are divided towards zero. */
const divide: Fold = (call) => {
  const isFloat = constantInput(call, 0).element === 'float';
  return joined((a, b) => (isFloat ? a! / b! : Math.trunc(a! / b!)))(call);
};

/** The result is of the base's kind. */
const power: Fold = (call) => {
  const { element } = constantInput(call, 0);
  const of = element === 'float' ? Number : Math.trunc;
  return joined((a, b) => of(a! ** b!), element)(call);
};

/** The nearest integer; of two equally near ones the even one. */
export function roundToEven(x: number): number {
  return Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x);
}

/** Truth values are kept as 0 and 1. */
const truth = (is: boolean): number => (is ? 1 : 0);

/** By plain names; each file format gives them the names of its ops. */
export const arithmetic = {
  negate: mapped((x) => -x),
  abs: mapped(Math.abs),
  sqrt: mapped(Math.sqrt),
  inverseSqrt: mapped((x) => 1 / Math.sqrt(x)),
  square: mapped((x) => x * x),
  reciprocal: mapped((x) => 1 / x),
  exp: mapped(Math.exp),
  log: mapped(Math.log),
  sin: mapped(Math.sin),
  cos: mapped(Math.cos),
  tanh: mapped(Math.tanh),
  sigmoid: mapped((x) => 1 / (1 + Math.exp(-x))),
  relu: mapped((x) => Math.max(x, 0)),
  sign: mapped(Math.sign),
  ceil: mapped(Math.ceil),
  floor: mapped(Math.floor),
  /** Halves are rounded to even numbers. */
  round: mapped(roundToEven),
  add: joined((a, b) => a! + b!),
  sum: joined((...values) => values.reduce((a, b) => a + b, 0)),
  subtract: joined((a, b) => a! - b!),
  multiply: joined((a, b) => a! * b!),
  divide,
  /** Integers are divided downwards. */
  floorDivide: joined((a, b) => Math.floor(a! / b!)),
  /** What is left has the divisor's sign. */
  floorModulo: joined((a, b) => a! - b! * Math.floor(a! / b!)),
  /** What is left has the dividend's sign. */
  remainder: joined((a, b) => a! % b!),
  power,
  min: joined(Math.min),
  max: joined(Math.max),
} as const satisfies Readonly<Record<string, Fold>>;

/** Comparisons and functions of truth values. */
export const logic = {
  equal: joined((a, b) => truth(a === b), 'boolean'),
  notEqual: joined((a, b) => truth(a !== b), 'boolean'),
  greater: joined((a, b) => truth(a! > b!), 'boolean'),
  greaterOrEqual: joined((a, b) => truth(a! >= b!), 'boolean'),
  less: joined((a, b) => truth(a! < b!), 'boolean'),
  lessOrEqual: joined((a, b) => truth(a! <= b!), 'boolean'),
  and: joined((a, b) => truth(a !== 0 && b !== 0), 'boolean'),
  or: joined((a, b) => truth(a !== 0 || b !== 0), 'boolean'),
  xor: joined((a, b) => truth((a !== 0) !== (b !== 0)), 'boolean'),
  not: mapped((x) => truth(x === 0), 'boolean'),
} as const satisfies Readonly<Record<string, Fold>>;
