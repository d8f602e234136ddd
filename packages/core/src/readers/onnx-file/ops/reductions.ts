import { resolveAxis } from '../../graph/fold/shapes.ts';
import { reduceValue, type ValueReduction } from '../../graph/reduce-value.ts';
import { integersAt, unsupported, valueAt, type OnnxCall, type Translate } from '../onnx-call.ts';
import { arithmeticTranslators } from './arithmetic.ts';
import { activationTranslators } from './activations.ts';

/** The axes of a reduction: all, where none are stated. */
export function reducedAxes(call: OnnxCall, rank: number): ReadonlySet<number> {
  const stated = integersAt(call, 1, 'axes');
  const isNothing = call.attributes.flag('noop_with_empty_axes', false);
  if (stated === null || stated.length === 0) {
    return new Set(isNothing ? [] : Array.from({ length: rank }, (_, axis) => axis));
  }
  return new Set(
    stated.map((axis) => {
      const place = resolveAxis(axis, rank);
      if (place === null) throw unsupported(call, `axis ${axis} of a value with ${rank} axes`);
      return place;
    }),
  );
}

const translateReduce =
  (reduction: ValueReduction): Translate =>
  (call) => {
    const value = valueAt(call, 0);
    const keeps = call.attributes.flag('keepdims', true);
    const axes = new Set(reducedAxes(call, value.shape.length));
    if (value.batch !== null && axes.has(value.batch)) {
      throw unsupported(call, 'it joins the items of a batch');
    }
    return [reduceValue(call.builder, value, reduction, axes, keeps)];
  };

/** Square root of the sum of squares. */
const translateNorm: Translate = (call) => {
  const value = valueAt(call, 0);
  const square = arithmeticTranslators['Mul']!({ ...call, inputs: [value, value] })[0]!;
  const sum = translateReduce('sum')({ ...call, inputs: [square, ...call.inputs.slice(1)] })[0]!;
  return activationTranslators['Sqrt']!({ ...call, inputs: [sum] });
};

/** Values put together along axes. */
export const reductionTranslators: Readonly<Record<string, Translate>> = {
  ReduceMean: translateReduce('mean'),
  ReduceSum: translateReduce('sum'),
  ReduceMax: translateReduce('max'),
  ReduceMin: translateReduce('min'),
  ReduceL2: translateNorm,
};
