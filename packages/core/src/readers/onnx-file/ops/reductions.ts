import { reduceValue, type ValueReduction } from '../../graph/reduce-value.ts';
import { unsupported, valueAt, type Translate } from '../onnx-call.ts';
import { arithmeticTranslators } from './arithmetic.ts';
import { activationTranslators } from './activations.ts';
import { reducedAxes } from '../shape-rules.ts';

const translateReduce =
  (reduction: ValueReduction): Translate =>
  (call) => {
    const value = valueAt(call, 0);
    const keeps = call.attributes.flag('keepdims', true);
    const axes = new Set(reducedAxes(call, value.shape.length));
    if (value.batch !== null && axes.has(value.batch)) {
      throw unsupported(call, 'reducing the batch axis is not supported');
    }
    return [reduceValue(call.builder, value, reduction, axes, keeps)];
  };

/** The Euclidean norm: the square root of the sum of squares. */
const translateNorm: Translate = (call) => {
  const value = valueAt(call, 0);
  const square = arithmeticTranslators['Mul']!({ ...call, inputs: [value, value] })[0]!;
  const sum = translateReduce('sum')({ ...call, inputs: [square, ...call.inputs.slice(1)] })[0]!;
  return activationTranslators['Sqrt']!({ ...call, inputs: [sum] });
};

/** Reductions of values over axes. */
export const reductionTranslators: Readonly<Record<string, Translate>> = {
  ReduceMean: translateReduce('mean'),
  ReduceSum: translateReduce('sum'),
  ReduceMax: translateReduce('max'),
  ReduceMin: translateReduce('min'),
  ReduceL2: translateNorm,
};
