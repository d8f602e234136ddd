import type { ActivationFunction, Op } from '../../../network/op.ts';
import type { Term, Terms } from './terms.ts';
import type { ModelWriter } from '../model-writer.ts';
import { sparsemax } from './sparsemax.ts';

/** Computes an activation from a value. */
export type Activation = (x: Term, terms: Terms) => Term;

/**
 * The activation functions of Keras 2, Keras 3 and tfjs by their names in the JSON, with the defaults that
 * each has as a function. A layer of the same name may have other defaults. Sources: `activations.py` of
 * Keras 2.15 and 3.15, `activations.ts` of tfjs-layers 4.22.
 */
const functions: Readonly<Record<string, Activation>> = {
  linear: (x) => x,
  relu: activation({ kind: 'relu', max: null, slope: 0 }),
  relu6: activation({ kind: 'relu', max: 6, slope: 0 }),
  leaky_relu: activation({ kind: 'relu', max: null, slope: 0.2 }),
  softmax: activation({ kind: 'softmax' }),
  sigmoid: activation({ kind: 'sigmoid' }),
  tanh: smooth({ name: 'tanh' }),
  elu: smooth({ name: 'elu', alpha: 1 }),
  // With Keras's fixed alpha of 1, celu is the same function as elu.
  celu: smooth({ name: 'elu', alpha: 1 }),
  selu: smooth({ name: 'selu' }),
  softplus: smooth({ name: 'softplus' }),
  softsign: smooth({ name: 'softsign' }),
  exponential: smooth({ name: 'exponential' }),
  swish: smooth({ name: 'swish' }),
  silu: smooth({ name: 'swish' }),
  mish: smooth({ name: 'mish' }),
  gelu: smooth({ name: 'gelu' }),
  gelu_new: smooth({ name: 'geluTanh' }),
  log_softmax: (x, terms) => terms.fn(terms.apply({ kind: 'softmax' }, [x]), { name: 'log' }),
  // -softplus(-x)
  log_sigmoid: (x, terms) =>
    terms.affine(terms.fn(terms.affine(x, [-1], [0]), { name: 'softplus' }), [-1], [0]),
  tanh_shrink: (x, terms) => terms.subtract(x, terms.fn(x, { name: 'tanh' })),
  hard_tanh: (x, terms) => clip(x, -1, 1, terms),
  sparse_sigmoid: smooth({ name: 'hardSigmoid', slope: 1 / 2 }),
  // Zero between -1/2 and 1/2; outside, the value moves towards zero by 1/2.
  soft_shrink: (x, terms) =>
    terms.subtract(
      terms.relu(terms.affine(x, [1], [-0.5])),
      terms.relu(terms.affine(x, [-1], [-0.5])),
    ),
  hard_shrink: (x, terms) =>
    terms.multiply(x, terms.add(terms.above(x, 0.5), terms.above(terms.affine(x, [-1], [0]), 0.5))),
  // 0 up to -1, x from 1 on, and a parabola between.
  sparse_plus: (x, terms) => {
    const middle = terms.affine(clip(x, -1, 1, terms), [1], [1]);
    const curve = terms.affine(terms.multiply(middle, middle), [1 / 4], [0]);
    return terms.add(curve, terms.relu(terms.affine(x, [1], [-1])));
  },
  // The first half of the channels, multiplied by the sigmoid of the second half.
  glu: (x, terms) => {
    const axis = x.shape.length - 1;
    const half = Math.floor(x.shape[axis]! / 2);
    const gate = terms.sigmoid(terms.slice(x, axis, half, half));
    return terms.multiply(terms.slice(x, axis, 0, half), gate);
  },
  sparsemax,
  // (x + sqrt(x^2 + 4)) / 2
  squareplus: (x, terms) => {
    const root = terms.fn(terms.affine(terms.multiply(x, x), [1], [4]), {
      name: 'power',
      exponent: 0.5,
    });
    return terms.affine(terms.add(x, root), [0.5], [0]);
  },
};

/** The functions that go along the last axis; all others treat every number alike. */
export const AXIS_FUNCTIONS: ReadonlySet<string> = new Set([
  'softmax',
  'log_softmax',
  'glu',
  'sparsemax',
]);

/** The functions whose slope Keras 3 changed from 1/5 to 1/6. */
const hardFunctions: Readonly<Record<string, 'hardSigmoid' | 'hardSwish'>> = {
  hard_sigmoid: 'hardSigmoid',
  hard_swish: 'hardSwish',
  hard_silu: 'hardSwish',
};

/** The names that {@link findActivation} knows. */
export const activationNames: readonly string[] = [
  ...Object.keys(functions),
  ...Object.keys(hardFunctions),
];

/**
 * Finds the function of this name, with the meaning that the program which wrote the model gives it. It
 * returns null for an unknown name.
 */
export function findActivation(name: string, writer: ModelWriter): Activation | null {
  if (Object.hasOwn(functions, name)) return functions[name]!;
  if (!Object.hasOwn(hardFunctions, name)) return null;
  return smooth({ name: hardFunctions[name]!, slope: writer === 'keras3' ? 1 / 6 : 1 / 5 });
}

/** `min(max(x, low), high)`. A bound of null is not applied. */
export function clip(x: Term, low: number | null, high: number | null, terms: Terms): Term {
  if (low === null && high === null) return x;
  // max - relu(max - x)
  if (low === null) {
    return terms.affine(terms.relu(terms.affine(x, [-1], [high!])), [-1], [high!]);
  }
  const shifted = low === 0 ? x : terms.affine(x, [1], [-low]);
  const clipped = terms.relu(shifted, { max: high === null ? null : high - low });
  return low === 0 ? clipped : terms.affine(clipped, [1], [low]);
}

function activation(op: Op): Activation {
  return (x, terms) => terms.apply(op, [x]);
}

function smooth(fn: ActivationFunction): Activation {
  return (x, terms) => terms.fn(x, fn);
}
