import type { Op } from '../../../network/op.ts';
import { scalarAffine } from '../../graph/scalar-affine.ts';
import type { NodeValue, Value } from '../../graph/value.ts';
import { activationTranslators } from '../../onnx-file/ops/activations.ts';
import { asInOnnx, unsupported, valueAt, type DefCall, type TranslateDef } from '../def-call.ts';

/** Applies an op to each value, so the stored order of the axes does not matter. */
function apply(call: DefCall, value: NodeValue, op: Op): NodeValue {
  const { shape } = call.builder.nodes.get(value.node)!;
  return { ...value, node: call.builder.emit(op, [value.node], shape) };
}

type Activate = (call: DefCall, value: NodeValue) => Value;

const ofOp =
  (op: Op): Activate =>
  (call, value) =>
    apply(call, value, op);

const asOnnx =
  (type: string, integers: Readonly<Record<string, number>> = {}): Activate =>
  (call, value) =>
    asInOnnx(activationTranslators[type]!, call, [value], integers)[0]!;

const leaky =
  (attribute: string): Activate =>
  (call, value) =>
    apply(call, value, {
      kind: 'relu',
      max: null,
      slope: call.attributes.float(attribute, 0.2),
    });

/** PReLU, whose slopes are the last input. */
const prelu: Activate = (call, value) => {
  const slopes = call.inputs.at(-1);
  if (slopes?.kind !== 'constant')
    throw unsupported(call, 'its slopes are computed; expected a constant');
  return asInOnnx(activationTranslators['PRelu']!, call, [value, slopes])[0]!;
};

/** Activations by the names of their ops. */
const activations: Readonly<Record<string, Activate>> = {
  Relu: ofOp({ kind: 'relu', max: null, slope: 0 }),
  Relu6: ofOp({ kind: 'relu', max: 6, slope: 0 }),
  LeakyRelu: leaky('alpha'),
  Prelu: prelu,
  Elu: ofOp({ kind: 'activation', fn: { name: 'elu', alpha: 1 } }),
  Selu: ofOp({ kind: 'activation', fn: { name: 'selu' } }),
  Sigmoid: ofOp({ kind: 'sigmoid' }),
  Tanh: ofOp({ kind: 'activation', fn: { name: 'tanh' } }),
  Softplus: ofOp({ kind: 'activation', fn: { name: 'softplus' } }),
  Softsign: ofOp({ kind: 'activation', fn: { name: 'softsign' } }),
  Exp: ofOp({ kind: 'activation', fn: { name: 'exponential' } }),
  Log: ofOp({ kind: 'activation', fn: { name: 'log' } }),
  Sqrt: ofOp({ kind: 'activation', fn: { name: 'power', exponent: 0.5 } }),
  Rsqrt: ofOp({ kind: 'activation', fn: { name: 'power', exponent: -0.5 } }),
  Reciprocal: ofOp({ kind: 'activation', fn: { name: 'power', exponent: -1 } }),
  Erf: asOnnx('Erf'),
  Abs: asOnnx('Abs'),
  Neg: (call, value) => scalarAffine(call.builder, value, -1, 0),
  Softmax: asOnnx('Softmax', { axis: -1 }),
  ClipByValue: (call) => asInOnnx(activationTranslators['Clip']!, call)[0]!,
  LogSoftmax: asOnnx('LogSoftmax', { axis: -1 }),
};

/** The activations that a fused op may end in. */
const fusedActivations: Readonly<Record<string, Activate>> = {
  ...Object.fromEntries(
    ['Relu', 'Relu6', 'Prelu', 'Elu', 'Sigmoid', 'Tanh'].map((op) => [op, activations[op]!]),
  ),
  LeakyRelu: leaky('leakyrelu_alpha'),
};

/**
 * Applies the steps that a fused op does after its own op and its bias.
 *
 * @param fused the steps that are left.
 * @throws GradcamError `unsupported` for a step that is not supported.
 */
export function activateFused(call: DefCall, value: NodeValue, fused: readonly string[]): Value {
  let made: Value = value;
  for (const step of fused) {
    const activate = Object.hasOwn(fusedActivations, step) ? fusedActivations[step] : undefined;
    if (activate === undefined || made.kind !== 'node') {
      throw unsupported(call, `it is fused with '${step}', which is not supported`);
    }
    made = activate(call, made);
  }
  return made;
}

export const activationOps: Readonly<Record<string, TranslateDef>> = Object.fromEntries(
  Object.entries(activations).map(([op, activate]): [string, TranslateDef] => [
    op,
    (call) => [activate(call, valueAt(call, 0))],
  ]),
);
