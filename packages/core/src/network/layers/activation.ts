import type { Op, ReluShape } from '../op.ts';
import { onlyInput, type LayerCall, type Value } from './layer-reader.ts';

const plainRelu: ReluShape = { max: null, slope: 0 };

const activationOps: Readonly<Record<string, Op>> = {
  relu: { kind: 'relu', ...plainRelu },
  relu6: { kind: 'relu', max: 6, slope: 0 },
  softmax: { kind: 'softmax' },
  sigmoid: { kind: 'sigmoid' },
};

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

/** `Softmax` over the last axis. */
export function readSoftmax(call: LayerCall): Value {
  const input = onlyInput(call);
  const axis = call.attributes.number('axis', -1);
  if (axis !== -1 && axis !== input.shape.length) call.attributes.refuse('axis', 'the last axis');
  return call.emit({ kind: 'softmax' }, [input], input.shape);
}

/** The function named by a layer's `activation`; null where there is none to apply. */
export function activationOp(call: LayerCall): Op | null {
  const given = call.attributes.raw('activation');
  if (given === undefined || given === 'linear') return null;
  const op = typeof given === 'string' ? activationOps[given] : undefined;
  if (op !== undefined) return op;
  const known = ['linear', ...Object.keys(activationOps)].join(', ');
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
