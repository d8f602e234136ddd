import { GradcamError } from '../../../base/errors.ts';
import { onlyNumber, type Constant } from '../../graph/constant.ts';
import { broadcastShapes } from '../../graph/fold/shapes.ts';
import { multiplyErf, scaleErf, shiftErf } from '../../graph/gelu.ts';
import { alignValues, padRank } from '../../graph/layout.ts';
import { joinConstant, scalarAffine, type NumberFunction } from '../../graph/lines.ts';
import { recogniseProduct } from '../../graph/recognise.ts';
import type { ErfTerm, NodeValue, Value } from '../../graph/value.ts';
import {
  contradictory,
  unsupported,
  valueAt,
  type OnnxCall,
  type Translate,
} from '../onnx-call.ts';

type Joining = 'add' | 'subtract' | 'multiply' | 'maximum' | 'minimum';

/** Two or more computed values, place by place. */
function joinValues(call: OnnxCall, kind: Joining, given: readonly NodeValue[]): NodeValue {
  const { builder } = call;
  const rank = Math.max(...given.map(({ shape }) => shape.length));
  const values = given.map((value) => padRank(value, rank));
  let shape: number[] | null = [];
  for (const value of values) shape = shape === null ? null : broadcastShapes(shape, value.shape);
  if (shape === null) {
    const shapes = given.map((value) => `[${value.shape.join(', ')}]`).join(' and ');
    throw contradictory(call, `its inputs ${shapes} do not fit each other`);
  }
  const { nodes, ...layout } = alignValues(builder, values);
  const { order } = layout;
  const joined = shape;
  const stored = order.map((axis) => joined[axis]!);
  if (kind === 'multiply' && nodes.length === 2) {
    const written = recogniseProduct(builder, nodes[0]!, nodes[1]!);
    if (written !== null) {
      const { fn, input, factor } = written;
      const node = builder.emit({ kind: 'activation', fn }, [input], stored);
      return scalarAffine(builder, { kind: 'node', node, shape, ...layout }, factor, 0);
    }
  }
  const node = builder.emit({ kind }, nodes, stored);
  return { kind: 'node', node, shape, ...layout };
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
  throw unsupported(
    call,
    `a value [${value.shape.join(', ')}] is repeated to the shape of a constant [${constant.shape.join(', ')}]`,
  );
}

function powerOf(call: OnnxCall, value: NodeValue, exponent: number): NodeValue {
  const { builder } = call;
  const { shape } = builder.nodes.get(value.node)!;
  if (exponent === 1) return value;
  // A power of a negative number is defined for whole exponents alone: as products.
  if (Number.isInteger(exponent) && exponent >= 2 && exponent <= 4) {
    const factors = new Array<string>(exponent).fill(value.node);
    return { ...value, node: builder.emit({ kind: 'multiply' }, factors, shape) };
  }
  const fn = { name: 'power', exponent } as const;
  return { ...value, node: builder.emit({ kind: 'activation', fn }, [value.node], shape) };
}

/** The two inputs of a joining node, of which one at least is computed. */
type Pair =
  | { readonly of: 'values'; readonly a: NodeValue; readonly b: NodeValue }
  | { readonly of: 'left'; readonly a: NodeValue; readonly b: Constant }
  | { readonly of: 'right'; readonly a: Constant; readonly b: NodeValue }
  | { readonly of: 'erf'; readonly term: ErfTerm; readonly other: Value; readonly isLeft: boolean };

function pairOf(call: OnnxCall): Pair {
  const [a, b] = call.inputs;
  if (!a || !b || call.inputs.length !== 2) throw contradictory(call, 'it needs two inputs');
  for (const one of [a, b]) if (one.kind === 'failure') throw one.error;
  if (call.opset < 7 || call.attributes.raw('axis') !== null) {
    throw unsupported(call, 'joining along a stated axis, as before opset 7, is not known here');
  }
  call.attributes.ignore('broadcast');
  if (a.kind === 'erf') return { of: 'erf', term: a, other: b, isLeft: true };
  if (b.kind === 'erf') return { of: 'erf', term: b, other: a, isLeft: false };
  if (a.kind === 'constant') return { of: 'right', a, b: valueAt(call, 1) };
  if (b.kind === 'constant') return { of: 'left', a: valueAt(call, 0), b };
  return { of: 'values', a: valueAt(call, 0), b: valueAt(call, 1) };
}

const translateAdd: Translate = (call) => {
  const pair = pairOf(call);
  if (pair.of === 'erf') {
    const by = numberOf(pair.other);
    return [(by === null ? null : shiftErf(pair.term, by)) ?? failed(pair.term.error)];
  }
  if (pair.of === 'values') return [joinValues(call, 'add', [pair.a, pair.b])];
  if (pair.of === 'left') return [withConstant(call, pair.a, pair.b, 'bias')];
  return [withConstant(call, pair.b, pair.a, 'bias')];
};

const translateSub: Translate = (call) => {
  const pair = pairOf(call);
  if (pair.of === 'erf') return [failed(pair.term.error)];
  if (pair.of === 'values') return [joinValues(call, 'subtract', [pair.a, pair.b])];
  if (pair.of === 'left') return [withConstant(call, pair.a, pair.b, 'bias', negative)];
  return [withConstant(call, scalarAffine(call.builder, pair.b, -1, 0), pair.a, 'bias')];
};

const translateMul: Translate = (call) => {
  const { builder } = call;
  const pair = pairOf(call);
  if (pair.of === 'erf') {
    const { term, other } = pair;
    const by = numberOf(other);
    if (by !== null) return [scaleErf(builder, term, by)];
    const product = other.kind === 'node' ? multiplyErf(builder, term, other) : null;
    return [product ?? failed(term.error)];
  }
  if (pair.of === 'values') return [joinValues(call, 'multiply', [pair.a, pair.b])];
  if (pair.of === 'left') return [withConstant(call, pair.a, pair.b, 'scale')];
  return [withConstant(call, pair.b, pair.a, 'scale')];
};

const translateDiv: Translate = (call) => {
  const pair = pairOf(call);
  if (pair.of === 'erf') {
    const by = pair.isLeft ? numberOf(pair.other) : null;
    return [
      by === null || by === 0 ? failed(pair.term.error) : scaleErf(call.builder, pair.term, 1 / by),
    ];
  }
  if (pair.of === 'left') return [withConstant(call, pair.a, pair.b, 'scale', reciprocal)];
  const below = powerOf(call, pair.b, -1);
  if (pair.of === 'right') return [withConstant(call, below, pair.a, 'scale')];
  return [joinValues(call, 'multiply', [pair.a, below])];
};

const translatePow: Translate = (call) => {
  const value = valueAt(call, 0);
  const exponent = numberOf(call.inputs[1] ?? null);
  if (exponent === null) throw unsupported(call, 'its exponent is not one number');
  return [powerOf(call, value, exponent)];
};

function numberOf(value: Value | null): number | null {
  return value?.kind === 'constant' ? onlyNumber(value) : null;
}

function failed(error: GradcamError): Value {
  return { kind: 'failure', error };
}

/** `Sum`, `Mean`, `Max` and `Min` of any number of values; a constant bound is a ReLU's. */
const translateMany =
  (kind: Joining): Translate =>
  (call) => {
    const values = call.inputs.map((input, i) => {
      if (input?.kind !== 'constant') return valueAt(call, i);
      throw unsupported(call, `its input ${i} is a constant, where computed values are known here`);
    });
    return [values.length === 1 ? values[0]! : joinValues(call, kind, values)];
  };

const translateMean: Translate = (call) => {
  const [sum] = translateMany('add')(call);
  if (sum?.kind !== 'node') throw contradictory(call, 'it has no inputs');
  return [scalarAffine(call.builder, sum, 1 / call.inputs.length, 0)];
};

/** The larger or smaller of a value and one number. */
const translateBound =
  (kind: 'maximum' | 'minimum'): Translate =>
  (call) => {
    const place = call.inputs.findIndex((input) => input?.kind === 'constant');
    const bound = place < 0 ? null : numberOf(call.inputs[place] ?? null);
    if (call.inputs.length !== 2 || bound === null) return translateMany(kind)(call);
    const { builder } = call;
    const value = valueAt(call, 1 - place);
    const sign = kind === 'maximum' ? 1 : -1;
    const shifted = scalarAffine(builder, value, sign, -sign * bound);
    const { shape } = builder.nodes.get(shifted.node)!;
    const node = builder.emit({ kind: 'relu', max: null, slope: 0 }, [shifted.node], shape);
    return [scalarAffine(builder, { ...shifted, node }, sign, bound)];
  };

/** Sums, products and the like of two or more values. */
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
