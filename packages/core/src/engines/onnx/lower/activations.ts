import { reshaped } from '../../../base/nd-array.ts';
import type { ActivationFunction } from '../../../network/op.ts';
import { GELU_CUBE, SELU_ALPHA, SELU_SCALE } from '../../port/activation-constants.ts';
import { createExpressions, type Expressions } from './expressions.ts';
import { transposeArray } from './layout.ts';
import type { Lowering, LoweringContext } from './lowering.ts';
import { slopeInBlocks } from './slopes-in-blocks.ts';

/** A function of `x` and its derivative. */
interface Formula<F> {
  readonly value: (e: Expressions, x: string, fn: F) => string;
  readonly slope: (e: Expressions, x: string, fn: F) => string;
}

/** A slope of 1/6 that a file holds in float32 is off by half of this at most. */
const USUAL_SLOPE = 2 ** -23;

type Named<N extends ActivationFunction['name']> = Extract<ActivationFunction, { name: N }>;

const formulas: { readonly [N in ActivationFunction['name']]: Formula<Named<N>> } = {
  tanh: {
    value: (e, x) => e.apply('Tanh', x),
    slope: (e, x) => e.sub(1, square(e, e.apply('Tanh', x))),
  },
  exponential: { value: (e, x) => e.apply('Exp', x), slope: (e, x) => e.apply('Exp', x) },
  log: { value: (e, x) => e.apply('Log', x), slope: (e, x) => e.div(1, x) },
  abs: { value: (e, x) => e.apply('Abs', x), slope: (e, x) => e.apply('Sign', x) },
  erf: {
    value: (e, x) => e.apply('Erf', x),
    slope: (e, x) => e.mul(e.apply('Exp', e.apply('Neg', square(e, x))), 2 / Math.sqrt(Math.PI)),
  },
  power: {
    value: (e, x, { exponent }) => raise(e, x, exponent),
    slope: (e, x, { exponent }) => e.mul(exponent, raise(e, x, exponent - 1)),
  },
  quantise: {
    value: (e, x, { step, least, most }) =>
      e.mul(e.clip(e.apply('Round', e.div(x, step)), least, most), step),
    slope: (e, x, { step, least, most }) => {
      const steps = e.apply('Round', e.div(x, step));
      const middle = (least + most) / 2;
      return e.choose('LessOrEqual', e.apply('Abs', e.sub(steps, middle)), most - middle, 1, 0);
    },
  },
  softplus: { value: (e, x) => e.apply('Softplus', x), slope: (e, x) => e.apply('Sigmoid', x) },
  softsign: {
    value: (e, x) => e.div(x, e.add(1, e.apply('Abs', x))),
    slope: (e, x) => e.div(1, square(e, e.add(1, e.apply('Abs', x)))),
  },
  swish: {
    value: (e, x) => e.mul(x, e.apply('Sigmoid', x)),
    slope: (e, x) => {
      const s = e.apply('Sigmoid', x);
      return e.mul(s, e.add(1, e.mul(x, e.sub(1, s))));
    },
  },
  mish: {
    value: (e, x) => e.mul(x, e.apply('Tanh', e.apply('Softplus', x))),
    slope: (e, x) => {
      const t = e.apply('Tanh', e.apply('Softplus', x));
      return e.add(t, e.mul(e.mul(x, e.sub(1, square(e, t))), e.apply('Sigmoid', x)));
    },
  },
  selu: {
    value: (e, x) => e.mul(SELU_SCALE, elu(e, x, SELU_ALPHA)),
    slope: (e, x) => e.mul(SELU_SCALE, eluSlope(e, x, SELU_ALPHA, 'GreaterOrEqual')),
  },
  elu: {
    value: (e, x, { alpha }) => elu(e, x, alpha),
    slope: (e, x, { alpha }) => eluSlope(e, x, alpha, 'Greater'),
  },
  gelu: {
    // Written as exporters write it, which ONNX Runtime computes as one operator with the bias before it.
    value: (e, x) => {
      const whole = e.add(e.apply('Erf', e.div(x, Math.SQRT2)), 1);
      return e.mul(e.mul(x, whole), 0.5);
    },
    slope: (e, x) => {
      const density = e.mul(e.apply('Exp', e.mul(square(e, x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
      return e.add(normalShare(e, x), e.mul(x, density));
    },
  },
  geluTanh: {
    value: (e, x) => e.mul(e.mul(x, 0.5), e.add(1, e.apply('Tanh', geluArgument(e, x)))),
    slope: (e, x) => {
      const t = e.apply('Tanh', geluArgument(e, x));
      const inner = e.mul(e.add(1, e.mul(square(e, x), 3 * GELU_CUBE)), Math.sqrt(2 / Math.PI));
      const bent = e.mul(e.mul(x, e.sub(1, square(e, t))), inner);
      return e.mul(e.add(e.add(1, t), bent), 0.5);
    },
  },
  hardSigmoid: {
    value: (e, x, { slope }) => hardSigmoid(e, x, slope),
    slope: (e, x, { slope }) => ramp(e, x, slope),
  },
  hardSwish: {
    value: (e, x, { slope }) => e.mul(x, hardSigmoid(e, x, slope)),
    slope: (e, x, { slope }) => e.add(hardSigmoid(e, x, slope), e.mul(x, ramp(e, x, slope))),
  },
};

export const lowerActivation: Lowering<'activation'> = ({ writer, inputs, op, isReadAgain }) => {
  const e = createExpressions(writer);
  const [x] = inputs as [string];
  // ONNX has the usual one, which the runtime computes together with the convolution before it.
  const { fn } = op;
  const isUsual = fn.name === 'hardSwish' && Math.abs(fn.slope * 6 - 1) < USUAL_SLOPE;
  return isUsual && !isReadAgain(0) ? e.apply('HardSwish', x) : formulaOf(fn).value(e, x, fn);
};

export const lowerActivationGradient: Lowering<'activationGradient'> = (context) => {
  const { writer, inputs, op, node } = context;
  const e = createExpressions(writer);
  const [upstream, x] = inputs as [string, string];
  const isBlocked = [0, 1].every((index) => context.stored(index).isBlocked === true);
  const slope = isBlocked ? slopeInBlocks(writer, x, op.fn, node.shape[2]!) : null;
  return e.mul(upstream, slope ?? formulaOf(op.fn).slope(e, x, op.fn));
};

export const lowerPrelu: Lowering<'prelu'> = (context) => {
  const e = createExpressions(context.writer);
  const [x] = context.inputs as [string];
  return e.add(e.max(x, 0), e.mul(alphaOf(context), e.min(x, 0)));
};

/** The gradient is zero where the input is zero, as in TensorFlow. */
export const lowerPreluGradient: Lowering<'preluGradient'> = (context) => {
  const e = createExpressions(context.writer);
  const [upstream, x] = context.inputs as [string, string];
  const below = e.choose('Less', x, 0, e.mul(upstream, alphaOf(context)), 0);
  return e.choose('Greater', x, 0, upstream, below);
};

/** The weight `alpha` in the graph's order of axes, with a batch axis of 1. */
function alphaOf({
  writer,
  weight,
  order,
}: Pick<LoweringContext, 'writer' | 'weight' | 'order'>): string {
  const { name, array } = weight('alpha');
  return writer.once(`alpha ${name} ${order}`, () => {
    const turned = order === 'channelsFirst' ? transposeArray(array, [2, 0, 1]) : array;
    return writer.weights(reshaped(turned, [1, ...turned.shape]));
  });
}

function formulaOf(fn: ActivationFunction): Formula<ActivationFunction> {
  return formulas[fn.name] as Formula<ActivationFunction>;
}

/** A power. ONNX Runtime is faster with its own operators for the root and the reciprocal. */
function raise(e: Expressions, x: string, exponent: number): string {
  if (exponent === 0.5) return e.apply('Sqrt', x);
  if (exponent === -0.5) return e.apply('Reciprocal', e.apply('Sqrt', x));
  if (exponent === -1) return e.apply('Reciprocal', x);
  return e.power(x, exponent);
}

function square(e: Expressions, x: string): string {
  return e.mul(x, x);
}

/** The exponent is capped at 0, so that `exp` cannot overflow where its value is not used. */
function elu(e: Expressions, x: string, alpha: number): string {
  const below = e.mul(e.sub(e.apply('Exp', e.min(x, 0)), 1), alpha);
  return e.choose('Greater', x, 0, x, below);
}

function eluSlope(e: Expressions, x: string, alpha: number, relation: string): string {
  return e.choose(relation, x, 0, 1, e.mul(e.apply('Exp', e.min(x, 0)), alpha));
}

/** The share of the normal distribution that lies below x. */
function normalShare(e: Expressions, x: string): string {
  return e.mul(e.add(1, e.apply('Erf', e.mul(x, Math.SQRT1_2))), 0.5);
}

function geluArgument(e: Expressions, x: string): string {
  const cubic = e.mul(e.mul(x, square(e, x)), GELU_CUBE);
  return e.mul(e.add(x, cubic), Math.sqrt(2 / Math.PI));
}

function hardSigmoid(e: Expressions, x: string, slope: number): string {
  return e.apply('HardSigmoid', x, { alpha: { float: slope }, beta: { float: 0.5 } });
}

function ramp(e: Expressions, x: string, slope: number): string {
  return e.choose('Less', e.apply('Abs', x), 0.5 / slope, slope, 0);
}
