import { onlyNumber, type Constant } from '../../graph/constant.ts';
import { boundValue } from '../../graph/bound-value.ts';
import { constantValue } from '../../graph/constant-value.ts';
import { multiplyErf, scaleErf, shiftErf } from '../../graph/gelu.ts';
import { canJoin, joinValues, type Joining } from '../../graph/join-values.ts';
import { padRank } from '../../graph/layout.ts';
import { joinConstant, type NumberFunction } from '../../graph/lines.ts';
import { scalarAffine } from '../../graph/scalar-affine.ts';
import type { ErfTerm, NodeValue, Value } from '../../graph/value.ts';
import {
  contradictory,
  unsupported,
  valueAt,
  type OnnxCall,
  type Translate,
} from '../onnx-call.ts';

/** Joins two or more computed values element by element. */
function join(call: OnnxCall, kind: Joining, values: readonly NodeValue[]): NodeValue {
  if (canJoin(values)) return joinValues(call.builder, kind, values);
  const shapes = values.map((value) => `[${value.shape.join(', ')}]`).join(' and ');
  throw contradictory(call, `its inputs ${shapes} do not fit each other`);
}

const reciprocal: NumberFunction = { title: 'reciprocal', of: (value) => 1 / value };
const negative: NumberFunction = { title: 'negative', of: (value) => -value };
const asIs: NumberFunction = { title: '', of: (value) => value };

function withConstant(
  call: OnnxCall,
  value: NodeValue,
  constant: Constant,
  role: 'scale' | 'bias',
  fn: NumberFunction = asIs,
): NodeValue {
  const joined = joinConstant(call.builder, value, constant, role, fn);
  if (joined !== null) return joined;
  throw contradictory(
    call,
    `a value [${value.shape.join(', ')}] and a constant [${constant.shape.join(', ')}] do not fit each other`,
  );
}

function powerOf(call: OnnxCall, value: NodeValue, exponent: number): NodeValue {
  const { builder } = call;
  const { shape } = builder.nodes.get(value.node)!;
  if (exponent === 1) return value;
  // A power of a negative number is defined only for integer exponents, which become products.
  if (Number.isInteger(exponent) && exponent >= 2 && exponent <= 4) {
    const factors = new Array<string>(exponent).fill(value.node);
    return { ...value, node: builder.emit({ kind: 'multiply' }, factors, shape) };
  }
  const fn = { name: 'power', exponent } as const;
  return { ...value, node: builder.emit({ kind: 'activation', fn }, [value.node], shape) };
}

/** The two inputs of a node that joins values; at least one of them is computed. */
type Pair =
  | { readonly of: 'values'; readonly a: NodeValue; readonly b: NodeValue }
  | { readonly of: 'left'; readonly a: NodeValue; readonly b: Constant }
  | { readonly of: 'right'; readonly a: Constant; readonly b: NodeValue };

function pairOf(call: OnnxCall): Pair {
  const [a, b] = call.inputs;
  if (!a || !b || call.inputs.length !== 2) throw contradictory(call, 'it needs two inputs');
  if (call.attributes.raw('axis') !== null) {
    throw unsupported(call, 'joining along a stated axis, as before opset 7, is not supported');
  }
  call.attributes.ignore('broadcast');
  if (a.kind === 'constant') return { of: 'right', a, b: valueAt(call, 1) };
  if (b.kind === 'constant') return { of: 'left', a: valueAt(call, 0), b };
  return { of: 'values', a: valueAt(call, 0), b: valueAt(call, 1) };
}

/**
 * Continues a term that may become GELU, where one input is such a term and the other one fits; else null.
 */
function continueErf(
  call: OnnxCall,
  step: (term: ErfTerm, other: Value, isLeft: boolean) => Value | null,
): Value | null {
  const [a, b] = call.inputs;
  if (a?.kind === 'erf' && b) return step(a, b, true);
  return b?.kind === 'erf' && a ? step(b, a, false) : null;
}

const translateAdd: Translate = (call) => {
  const erf = continueErf(call, (term, other) => {
    const by = numberFor(term, other);
    return by === null ? null : shiftErf(term, by);
  });
  if (erf !== null) return [erf];
  const pair = pairOf(call);
  if (pair.of === 'values') return [join(call, 'add', [pair.a, pair.b])];
  if (pair.of === 'left') return [withConstant(call, pair.a, pair.b, 'bias')];
  return [withConstant(call, pair.b, pair.a, 'bias')];
};

const translateSub: Translate = (call) => {
  const pair = pairOf(call);
  if (pair.of === 'values') return [join(call, 'subtract', [pair.a, pair.b])];
  if (pair.of === 'left') return [withConstant(call, pair.a, pair.b, 'bias', negative)];
  return [withConstant(call, scalarAffine(call.builder, pair.b, -1, 0), pair.a, 'bias')];
};

const translateMul: Translate = (call) => {
  const { builder } = call;
  const erf = continueErf(call, (term, other) => {
    const by = numberFor(term, other);
    if (by !== null) return scaleErf(builder, term, by);
    return other.kind === 'node' ? multiplyErf(builder, term, other) : null;
  });
  if (erf !== null) return [erf];
  const pair = pairOf(call);
  if (pair.of === 'values') return [join(call, 'multiply', [pair.a, pair.b])];
  if (pair.of === 'left') return [withConstant(call, pair.a, pair.b, 'scale')];
  return [withConstant(call, pair.b, pair.a, 'scale')];
};

const translateDiv: Translate = (call) => {
  const erf = continueErf(call, (term, other, isLeft) => {
    const by = isLeft ? numberFor(term, other) : null;
    return by === null || by === 0 ? null : scaleErf(call.builder, term, 1 / by);
  });
  if (erf !== null) return [erf];
  const pair = pairOf(call);
  if (pair.of === 'left') return [withConstant(call, pair.a, pair.b, 'scale', reciprocal)];
  if (pair.of === 'values') return [join(call, 'divide', [pair.a, pair.b])];
  if (onlyNumber(pair.a) !== null) {
    return [withConstant(call, powerOf(call, pair.b, -1), pair.a, 'scale')];
  }
  return [join(call, 'divide', [constantValue(call.builder, pair.a, pair.b), pair.b])];
};

const translatePow: Translate = (call) => {
  const value = valueAt(call, 0);
  const exponent = numberOf(call.inputs[1] ?? null);
  if (exponent === null) throw unsupported(call, 'its exponent is not a single number');
  return [powerOf(call, padTo(value, call.inputs[1]), exponent)];
};

function numberOf(value: Value | null): number | null {
  return value?.kind === 'constant' ? onlyNumber(value) : null;
}

/** As {@link numberOf}, for a number that adds no axes to the term that it is joined with. */
function numberFor({ of }: ErfTerm, other: Value): number | null {
  const isSmaller = other.kind === 'constant' && other.shape.length <= of.shape.length;
  return isSmaller ? onlyNumber(other) : null;
}

/** `Sum`, `Mean`, `Max` and `Min` of any number of values. */
const translateMany =
  (kind: Joining): Translate =>
  (call) => {
    const computed = call.inputs.findIndex((input) => input?.kind !== 'constant');
    const like = valueAt(call, computed);
    const values = call.inputs.map((input, i) =>
      input?.kind === 'constant' ? constantValue(call.builder, input, like) : valueAt(call, i),
    );
    return [values.length === 1 ? like : join(call, kind, values)];
  };

const translateMean: Translate = (call) => {
  const [sum] = translateMany('add')(call);
  if (sum?.kind !== 'node') throw contradictory(call, 'it has no inputs');
  return [scalarAffine(call.builder, sum, 1 / call.inputs.length, 0)];
};

/** Gives a value at least as many axes as the constant that it is joined with. */
function padTo(value: NodeValue, other: Value | null | undefined): NodeValue {
  return other?.kind === 'constant' ? padRank(value, other.shape.length) : value;
}

/** The maximum or minimum of a value and one number. The maximum with 0 is a ReLU. */
const translateBound =
  (kind: 'maximum' | 'minimum'): Translate =>
  (call) => {
    const place = call.inputs.findIndex((input) => input?.kind === 'constant');
    const bound = place < 0 ? null : numberOf(call.inputs[place] ?? null);
    if (call.inputs.length !== 2 || bound === null) return translateMany(kind)(call);
    const value = padTo(valueAt(call, 1 - place), call.inputs[place]);
    if (kind === 'minimum' || bound !== 0) return [boundValue(call.builder, kind, value, bound)];
    const { shape } = call.builder.nodes.get(value.node)!;
    const relu = { kind: 'relu', max: null, slope: 0 } as const;
    return [{ ...value, node: call.builder.emit(relu, [value.node], shape) }];
  };

/** Sums, products and similar operators of two or more values. */
export const arithmeticTranslators: Readonly<Record<string, Translate>> = {
  Add: translateAdd,
  Sub: translateSub,
  Mul: translateMul,
  Div: translateDiv,
  Pow: translatePow,
  Sum: translateMany('add'),
  Mean: translateMean,
  Max: translateBound('maximum'),
  Min: translateBound('minimum'),
};
