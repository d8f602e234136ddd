import * as tf from '@tensorflow/tfjs-core';
import type { ActivationFunction } from '../../../network/op.ts';
import { GELU_CUBE, SELU_ALPHA, SELU_SCALE } from '../../port/activation-constants.ts';
import type { Operation } from '../operation.ts';

/** A function of `x` and its derivative. */
interface Formula<F> {
  readonly value: (x: tf.Tensor, fn: F) => tf.Tensor;
  readonly slope: (x: tf.Tensor, fn: F) => tf.Tensor;
}

type Named<N extends ActivationFunction['name']> = Extract<ActivationFunction, { name: N }>;

const formulas: { readonly [N in ActivationFunction['name']]: Formula<Named<N>> } = {
  tanh: {
    value: (x) => tf.tanh(x),
    slope: (x) => tf.sub(1, tf.square(tf.tanh(x))),
  },
  exponential: { value: (x) => tf.exp(x), slope: (x) => tf.exp(x) },
  log: { value: (x) => tf.log(x), slope: (x) => tf.reciprocal(x) },
  abs: { value: (x) => tf.abs(x), slope: (x) => tf.sign(x) },
  erf: {
    value: (x) => tf.erf(x),
    slope: (x) => tf.mul(tf.exp(tf.neg(tf.square(x))), 2 / Math.sqrt(Math.PI)),
  },
  power: {
    value: (x, { exponent }) => tf.pow(x, exponent),
    slope: (x, { exponent }) => tf.mul(tf.pow(x, exponent - 1), exponent),
  },
  quantise: {
    value: (x, { step, least, most }) =>
      tf.mul(tf.clipByValue(tf.round(tf.div(x, step)), least, most), step),
    slope: (x, { step, least, most }) => {
      const steps = tf.round(tf.div(x, step));
      const isWithin = tf.logicalAnd(tf.greaterEqual(steps, least), tf.lessEqual(steps, most));
      return tf.cast(isWithin, 'float32');
    },
  },
  softplus: { value: (x) => tf.softplus(x), slope: (x) => tf.sigmoid(x) },
  softsign: {
    value: (x) => tf.div(x, tf.add(1, tf.abs(x))),
    slope: (x) => tf.reciprocal(tf.square(tf.add(1, tf.abs(x)))),
  },
  swish: {
    value: (x) => tf.mul(x, tf.sigmoid(x)),
    slope: (x) => {
      const s = tf.sigmoid(x);
      return tf.mul(s, tf.add(1, tf.mul(x, tf.sub(1, s))));
    },
  },
  mish: {
    value: (x) => tf.mul(x, tf.tanh(tf.softplus(x))),
    slope: (x) => {
      const t = tf.tanh(tf.softplus(x));
      const bent = tf.mul(tf.mul(x, tf.sub(1, tf.square(t))), tf.sigmoid(x));
      return tf.add(t, bent);
    },
  },
  selu: {
    value: (x) => tf.selu(x),
    slope: (x) => tf.mul(SELU_SCALE, eluSlope(x, SELU_ALPHA, tf.greaterEqual(x, 0))),
  },
  elu: {
    value: (x, { alpha }) => {
      const elu = tf.elu(x);
      return alpha === 1 ? elu : tf.where(tf.greater(x, 0), elu, tf.mul(elu, alpha));
    },
    slope: (x, { alpha }) => eluSlope(x, alpha, tf.greater(x, 0)),
  },
  gelu: {
    value: (x) => tf.mul(x, normalShare(x)),
    slope: (x) => {
      const density = tf.mul(tf.exp(tf.mul(tf.square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
      return tf.add(normalShare(x), tf.mul(x, density));
    },
  },
  geluTanh: {
    value: (x) => tf.mul(tf.mul(x, 0.5), tf.add(1, tf.tanh(geluArgument(x)))),
    slope: (x) => {
      const t = tf.tanh(geluArgument(x));
      const inner = tf.mul(tf.add(1, tf.mul(tf.square(x), 3 * GELU_CUBE)), Math.sqrt(2 / Math.PI));
      const bent = tf.mul(tf.mul(x, tf.sub(1, tf.square(t))), inner);
      return tf.mul(tf.add(tf.add(1, t), bent), 0.5);
    },
  },
  hardSigmoid: {
    value: (x, { slope }) => hardSigmoid(x, slope),
    slope: (x, { slope }) => tf.mul(tf.cast(isOnRamp(x, slope), 'float32'), slope),
  },
  hardSwish: {
    value: (x, { slope }) => tf.mul(x, hardSigmoid(x, slope)),
    slope: (x, { slope }) => {
      const ramp = tf.mul(tf.cast(isOnRamp(x, slope), 'float32'), slope);
      return tf.add(hardSigmoid(x, slope), tf.mul(x, ramp));
    },
  },
};

export const activation: Operation<'activation'> = ({ inputs, op }) =>
  formulaOf(op.fn).value(inputs[0]!, op.fn);

export const activationGradient: Operation<'activationGradient'> = ({ inputs, op }) =>
  tf.mul(inputs[0]!, formulaOf(op.fn).slope(inputs[1]!, op.fn));

function formulaOf(fn: ActivationFunction): Formula<ActivationFunction> {
  return formulas[fn.name] as Formula<ActivationFunction>;
}

/**
 * 1 where the function is x, `alpha * exp(x)` elsewhere. The exponent is capped so that it cannot overflow.
 */
function eluSlope(x: tf.Tensor, alpha: number, isLinear: tf.Tensor): tf.Tensor {
  return tf.where(isLinear, tf.onesLike(x), tf.mul(tf.exp(tf.minimum(x, 0)), alpha));
}

/** The share of the normal distribution that lies below x. */
function normalShare(x: tf.Tensor): tf.Tensor {
  return tf.mul(tf.add(1, tf.erf(tf.mul(x, Math.SQRT1_2))), 0.5);
}

function geluArgument(x: tf.Tensor): tf.Tensor {
  const cubic = tf.mul(tf.mul(x, tf.square(x)), GELU_CUBE);
  return tf.mul(tf.add(x, cubic), Math.sqrt(2 / Math.PI));
}

function hardSigmoid(x: tf.Tensor, slope: number): tf.Tensor {
  return tf.clipByValue(tf.add(tf.mul(x, slope), 0.5), 0, 1);
}

function isOnRamp(x: tf.Tensor, slope: number): tf.Tensor {
  return tf.less(tf.abs(x), 0.5 / slope);
}
