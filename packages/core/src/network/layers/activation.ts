import type { ActivationFunction, Op, ReluShape } from '../op.ts';
import { onlyInput, type LayerCall, type Value } from './layer-reader.ts';

const plainRelu: ReluShape = { max: null, slope: 0 };

const activationOps: Readonly<Record<string, Op>> = {
  relu: { kind: 'relu', ...plainRelu },
  relu6: { kind: 'relu', max: 6, slope: 0 },
  leaky_relu: { kind: 'relu', max: null, slope: 0.2 },
  softmax: { kind: 'softmax' },
  sigmoid: { kind: 'sigmoid' },
  tanh: smooth({ name: 'tanh' }),
  elu: smooth({ name: 'elu', alpha: 1 }),
  selu: smooth({ name: 'selu' }),
  softplus: smooth({ name: 'softplus' }),
  softsign: smooth({ name: 'softsign' }),
  exponential: smooth({ name: 'exponential' }),
  swish: smooth({ name: 'swish' }),
  silu: smooth({ name: 'swish' }),
  mish: smooth({ name: 'mish' }),
  gelu: smooth({ name: 'gelu' }),
  gelu_new: smooth({ name: 'geluTanh' }),
};

/** Those whose slope Keras 3 changed from 1/5 to 1/6. */
const hardOps: Readonly<Record<string, 'hardSigmoid' | 'hardSwish'>> = {
  hard_sigmoid: 'hardSigmoid',
  hard_swish: 'hardSwish',
  hard_silu: 'hardSwish',
};

function smooth(fn: ActivationFunction): Op {
  return { kind: 'activation', fn };
}

/** `Activation`: the function is an attribute. */
export function readActivation(call: LayerCall): Value {
  const op = activationOp(call);
  const input = onlyInput(call);
  return op === null ? input : call.emit(op, [input], input.shape);
}

/** `ReLU` with its three attributes. A `threshold` other than 0 is refused. */
export function readRelu(call: LayerCall): Value {
  const { attributes } = call;
  const input = onlyInput(call);
  const max = attributes.raw('max_value') === undefined ? null : attributes.number('max_value');
  const slope = attributes.number('negative_slope', 0);
  if (attributes.number('threshold', 0) !== 0) attributes.refuse('threshold', '0');
  return call.emit({ kind: 'relu', max, slope }, [input], input.shape);
}

/** `LeakyReLU`; its slope is called `alpha` up to Keras 2, and .3 by default in both. */
export function readLeakyRelu(call: LayerCall): Value {
  const { attributes } = call;
  const slope = attributes.number('negative_slope', attributes.number('alpha', 0.3));
  const input = onlyInput(call);
  return call.emit({ kind: 'relu', max: null, slope }, [input], input.shape);
}

/** `PReLU`; axes in `shared_axes` (1 is the first after the batch) have one slope for all. */
export function readPrelu(call: LayerCall): Value {
  const input = onlyInput(call);
  const shared = call.attributes.raw('shared_axes') ?? [];
  if (!Array.isArray(shared) || !shared.every((axis) => Number.isInteger(axis))) {
    return call.attributes.refuse('shared_axes', 'a list of axes');
  }
  const shape = input.shape.map((size, axis) => (shared.includes(axis + 1) ? 1 : size));
  const weights = { alpha: call.weight('alpha', shape) };
  return call.emit({ kind: 'prelu' }, [input], input.shape, { weights });
}

/** `ELU` */
export function readElu(call: LayerCall): Value {
  const input = onlyInput(call);
  const alpha = call.attributes.number('alpha', 1);
  return call.emit(smooth({ name: 'elu', alpha }), [input], input.shape);
}

/** `Softmax`; over another axis than the last by exchanging the two. */
export function readSoftmax(call: LayerCall): Value {
  const input = onlyInput(call);
  const rank = input.shape.length;
  const given = call.attributes.number('axis', -1);
  const axis = given < 0 ? rank + given : given - 1;
  if (!Number.isInteger(axis) || axis < 0 || axis >= rank) {
    call.attributes.refuse('axis', `an axis of [${input.shape.join(', ')}]`);
  }
  if (axis === rank - 1) return call.emit({ kind: 'softmax' }, [input], input.shape);
  const dims = input.shape.map((_, i) => (i === axis ? rank - 1 : i === rank - 1 ? axis : i));
  const exchanged = dims.map((from) => input.shape[from]!);
  const permute = { kind: 'permute', dims } as const;
  const last = call.emit(permute, [input], exchanged, { part: 'exchanged' });
  const softmax = call.emit({ kind: 'softmax' }, [last], exchanged, { part: 'softmax' });
  return call.emit(permute, [softmax], input.shape);
}

/** The function named by a layer's `activation`; null where there is none to apply. */
export function activationOp(call: LayerCall): Op | null {
  const given = call.attributes.raw('activation');
  if (given === undefined || given === 'linear') return null;
  if (typeof given === 'string' && Object.hasOwn(activationOps, given)) {
    return activationOps[given]!;
  }
  if (typeof given === 'string' && Object.hasOwn(hardOps, given)) {
    return smooth({ name: hardOps[given]!, slope: call.keras3 ? 1 / 6 : 1 / 5 });
  }
  const known = ['linear', ...Object.keys(activationOps), ...Object.keys(hardOps)].join(', ');
  return call.attributes.refuse('activation', `one of ${known}`);
}

/**
 * Emits the linear part of a layer and then its fused activation as a node of its own: the
 * activation has the layer's name, since its value is the layer's output, and the linear part is
 * `<layer>/linear`.
 */
export function emitWithActivation(
  call: LayerCall,
  op: Op,
  inputs: readonly Value[],
  shape: readonly number[],
  weights: Readonly<Record<string, string>>,
): Value {
  const activation = activationOp(call);
  if (activation === null) return call.emit(op, inputs, shape, { weights });
  const linear = call.emit(op, inputs, shape, { weights, part: 'linear' });
  return call.emit(activation, [linear], shape);
}
