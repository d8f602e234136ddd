import { countElements } from '../../../base/nd-array.ts';
import type { ActivationFunction, Op } from '../../../network/op.ts';
import { boundValue, numberLike } from '../../graph/bound-value.ts';
import { asFloat32, type Constant, onlyNumber } from '../../graph/constant.ts';
import { beginErf } from '../../graph/gelu.ts';
import { arrange, orderWithLast } from '../../graph/layout.ts';
import { joinValues } from '../../graph/join-values.ts';
import { scalarAffine } from '../../graph/scalar-affine.ts';
import { transposeValues } from '../../graph/transpose-values.ts';
import type { NodeValue } from '../../graph/value.ts';
import {
  constantAt,
  type OnnxCall,
  requireConstant,
  type Translate,
  unsupported,
  valueAt,
} from '../onnx-call.ts';

/** Applies an op to each value, so the stored order of the axes does not matter. */
function apply(call: OnnxCall, value: NodeValue, op: Op): NodeValue {
  const { shape } = call.builder.nodes.get(value.node)!;
  return { ...value, node: call.builder.emit(op, [value.node], shape) };
}

const translateOp =
  (op: Op): Translate =>
  (call) => [apply(call, valueAt(call, 0), op)];

const translateFunction =
  (fn: (call: OnnxCall) => ActivationFunction): Translate =>
  (call) => [apply(call, valueAt(call, 0), { kind: 'activation', fn: fn(call) })];

const named = (
  name: Extract<ActivationFunction, { readonly name: string }>['name'] & PlainName,
): Translate => translateOp({ kind: 'activation', fn: { name } });

type PlainName = 'abs' | 'tanh' | 'softplus' | 'softsign' | 'exponential' | 'log' | 'mish';

/** The constants of Klambauer et al. 2017, as float32. With others it would be another function. */
const SELU = { alpha: 1.67326319217681884765625, gamma: 1.05070102214813232421875 };
const NEAR = 1e-4;

const translateSelu: Translate = (call) => {
  const alpha = call.attributes.float('alpha', SELU.alpha);
  const gamma = call.attributes.float('gamma', SELU.gamma);
  if (Math.abs(alpha - SELU.alpha) > NEAR || Math.abs(gamma - SELU.gamma) > NEAR) {
    throw unsupported(call, `SELU with alpha ${alpha} and gamma ${gamma} is not supported`);
  }
  return [apply(call, valueAt(call, 0), { kind: 'activation', fn: { name: 'selu' } })];
};

/** The line `slope * x + beta` is that of the network's function for a shifted `x`. */
const translateHardSigmoid: Translate = (call) => {
  const slope = exactSixth(call.attributes.float('alpha', 0.2));
  const beta = call.attributes.float('beta', 0.5);
  if (slope === 0) throw unsupported(call, 'its alpha is 0');
  const value = scalarAffine(call.builder, valueAt(call, 0), 1, (beta - 0.5) / slope);
  return [apply(call, value, { kind: 'activation', fn: { name: 'hardSigmoid', slope } })];
};

/** A slope that is 1/6 in float32 stands for exactly 1/6. */
function exactSixth(slope: number): number {
  return Math.abs(slope * 6 - 1) < 1e-6 ? 1 / 6 : slope;
}

const translateClip: Translate = (call) => {
  const bound = (index: number, attribute: string, open: number): number => {
    const stated = call.attributes.raw(attribute);
    if (stated !== null) return stated.float ?? 0;
    const constant = constantAt(call, index, attribute);
    if (constant === null) return open;
    const only = onlyNumber(constant);
    if (only === null) throw unsupported(call, `its ${attribute} is not a single number`);
    return only;
  };
  // The largest and the least float32 stand for an open end.
  const least = bound(1, 'min', -Infinity);
  const most = bound(2, 'max', Infinity);
  return [
    clip(
      call,
      valueAt(call, 0),
      least <= -3.4e38 ? -Infinity : least,
      most >= 3.4e38 ? Infinity : most,
    ),
  ];
};

/**
 * Writes `min(max(x, least), most)`. With a lower bound of 0 it is a ReLU, to which the ReLU policies
 * (guided, deconvnet) apply. Other bounds only keep numbers in a range, and are not activations.
 */
function clip(call: OnnxCall, value: NodeValue, least: number, most: number): NodeValue {
  if (least > most) {
    throw unsupported(call, `its lower bound ${least} is above its upper bound ${most}`);
  }
  if (least === 0 && most > 0) {
    return apply(call, value, { kind: 'relu', max: most === Infinity ? null : most, slope: 0 });
  }
  const above = least === -Infinity ? value : boundValue(call.builder, 'maximum', value, least);
  return most === Infinity ? above : boundValue(call.builder, 'minimum', above, most);
}

/** PReLU with constant slopes: one, one for each channel, or one for each place. */
const translatePrelu: Translate = (call) => {
  const { builder } = call;
  const value = valueAt(call, 0);
  const slopes = requireConstant(call, 1, 'slope');
  const only = onlyNumber(slopes);
  if (only !== null && only >= 0)
    return [apply(call, value, { kind: 'relu', max: null, slope: only })];
  const rank = value.shape.length;
  const order = value.order.includes(1) || rank < 2 ? value.order : orderWithLast(value, 1);
  const node = arrange(builder, value, order);
  const { shape } = builder.nodes.get(node)!;
  const padded = padShape(call, slopes, value);
  const sizes = order.map((axis) => padded[axis]!);
  const alpha = builder.weight(`${slopes.name} (slopes)`, sizes, () =>
    transposeValues(asFloat32(slopes.values()), padded, [...order, ...left(order, rank)]),
  );
  const made = builder.emit({ kind: 'prelu' }, [node], shape, { weights: { alpha } });
  return [{ ...value, order, node: made }];
};

function padShape(call: OnnxCall, { shape }: Constant, value: NodeValue): number[] {
  const rank = value.shape.length;
  const padded = [...new Array<number>(Math.max(0, rank - shape.length)).fill(1), ...shape];
  const fits =
    padded.length === rank && padded.every((size, i) => size === 1 || size === value.shape[i]);
  if (fits && countElements(padded) === countElements(shape)) return padded;
  throw unsupported(
    call,
    `its slopes [${shape.join(', ')}] do not fit [${value.shape.join(', ')}]`,
  );
}

function left(order: readonly number[], rank: number): number[] {
  return Array.from({ length: rank }, (_, axis) => axis).filter((axis) => !order.includes(axis));
}

/**
 * Softmax over one axis. Before opset 13 it runs over all axes from the stated one on, which is the same
 * where the others have size 1.
 */
const translateSoftmax =
  (isLog: boolean): Translate =>
  (call) => {
    const { builder, opset } = call;
    const value = valueAt(call, 0);
    const rank = value.shape.length;
    const stated = call.attributes.integer('axis', opset >= 13 ? -1 : 1);
    const axis = stated < 0 ? stated + rank : stated;
    const joins = opset < 13 && value.shape.slice(axis + 1).some((size) => size !== 1);
    if (axis < 0 || axis >= rank || axis === value.batch || joins) {
      throw unsupported(
        call,
        `a softmax over axis ${stated} of [${value.shape.join(', ')}] is not supported`,
      );
    }
    const order = value.order.at(-1) === axis ? value.order : orderWithLast(value, axis);
    const node = arrange(builder, value, order);
    const { shape } = builder.nodes.get(node)!;
    const softmax = builder.emit({ kind: 'softmax' }, [node], shape);
    const made = { ...value, order, node: softmax };
    return [isLog ? apply(call, made, { kind: 'activation', fn: { name: 'log' } }) : made];
  };

const translateErf: Translate = (call) => [beginErf(call.builder, valueAt(call, 0))];

const translateGelu: Translate = (call) => {
  const isTanh = call.attributes.text('approximate', 'none') === 'tanh';
  const fn = { name: isTanh ? ('geluTanh' as const) : ('gelu' as const) };
  return [apply(call, valueAt(call, 0), { kind: 'activation', fn })];
};

/** A function of `x` times a number, divided by that number. */
function applyScaled(call: OnnxCall, fn: ActivationFunction, scale: number): NodeValue {
  if (scale === 0) throw unsupported(call, 'its alpha is 0');
  const scaled = scalarAffine(call.builder, valueAt(call, 0), scale, 0);
  const made = apply(call, scaled, { kind: 'activation', fn });
  return scalarAffine(call.builder, made, 1 / scale, 0);
}

/** `x * sigmoid(alpha * x)`. */
const translateSwish: Translate = (call) => [
  applyScaled(call, { name: 'swish' }, call.attributes.float('alpha', 1)),
];

/** `max(0, x) + min(0, alpha * (exp(x / alpha) - 1))`. */
const translateCelu: Translate = (call) => [
  applyScaled(call, { name: 'elu', alpha: 1 }, 1 / call.attributes.float('alpha', 1)),
];

/** `x` above alpha, 0 elsewhere. */
const translateThresholdedRelu: Translate = (call) => {
  const { builder } = call;
  const value = valueAt(call, 0);
  const number = (of: number): NodeValue => numberLike(builder, value, of);
  const relation = { kind: 'compare', relation: 'greater' } as const;
  const bound = number(call.attributes.float('alpha', 1));
  const isAbove = joinValues(builder, relation, [value, bound]);
  return [joinValues(builder, 'select', [isAbove, value, number(0)])];
};

/** Activations and other functions that apply to each value. */
export const activationTranslators: Readonly<Record<string, Translate>> = {
  Relu: translateOp({ kind: 'relu', max: null, slope: 0 }),
  LeakyRelu: (call) => {
    const slope = call.attributes.float('alpha', 0.01);
    return [apply(call, valueAt(call, 0), { kind: 'relu', max: null, slope })];
  },
  PRelu: translatePrelu,
  Clip: translateClip,
  Sigmoid: translateOp({ kind: 'sigmoid' }),
  Tanh: named('tanh'),
  Softplus: named('softplus'),
  Softsign: named('softsign'),
  Exp: named('exponential'),
  Log: named('log'),
  Mish: named('mish'),
  Sqrt: translateOp({ kind: 'activation', fn: { name: 'power', exponent: 0.5 } }),
  Reciprocal: translateOp({ kind: 'activation', fn: { name: 'power', exponent: -1 } }),
  Celu: translateCelu,
  ThresholdedRelu: translateThresholdedRelu,
  Elu: translateFunction(({ attributes }) => ({
    name: 'elu',
    alpha: attributes.float('alpha', 1),
  })),
  Selu: translateSelu,
  HardSigmoid: translateHardSigmoid,
  HardSwish: translateOp({ kind: 'activation', fn: { name: 'hardSwish', slope: 1 / 6 } }),
  Swish: translateSwish,
  Gelu: translateGelu,
  Erf: translateErf,
  Softmax: translateSoftmax(false),
  LogSoftmax: translateSoftmax(true),
  Neg: (call) => [scalarAffine(call.builder, valueAt(call, 0), -1, 0)],
  Abs: named('abs'),
};
