import { lazyConstant, reshapeConstant } from '../../graph/constant.ts';
import { countElements } from '../../../base/nd-array.ts';
import { reshapeValue } from '../../graph/layout.ts';
import type { Value } from '../../graph/value.ts';
import { conditionTranslators } from '../../onnx-file/ops/conditions.ts';
import { asInOnnx, valueAt, type DefCall, type TranslateDef } from '../def-call.ts';

/** Comparisons, and choices between values by a condition. */

const as =
  (type: string): TranslateDef =>
  (call) =>
    asInOnnx(conditionTranslators[type]!, call);

const notEqual: TranslateDef = (call) => not({ ...call, inputs: as('Equal')(call) });

const not = as('Not');

/**
 * The old `Select` does not broadcast: a condition of one axis chooses whole entries of the first axis, and
 * one without axes chooses a whole value.
 */
const selectOld: TranslateDef = (call) => {
  const [condition, first, second] = call.inputs;
  const rank = Math.max(...[first, second].map((value) => rankOf(value)));
  if (condition === undefined || rankOf(condition) !== 1 || rank < 2) return as('Where')(call);
  return as('Where')({
    ...call,
    inputs: [asFirstAxis(call, condition, rank), ...call.inputs.slice(1)],
  });
};

function rankOf(value: Value | undefined): number {
  if (value?.kind === 'condition') return value.value.shape.length;
  return value?.kind === 'node' || value?.kind === 'constant' ? value.shape.length : 0;
}

function asFirstAxis(call: DefCall, condition: Value, rank: number): Value {
  const shape = (size: number): number[] => [size, ...new Array<number>(rank - 1).fill(1)];
  if (condition.kind === 'constant') {
    const [size = 1] = condition.shape;
    return reshapeConstant(condition, `${condition.name} (first axis)`, shape(size));
  }
  const value = valueAt({ ...call, inputs: [condition] }, 0);
  return reshapeValue(call.builder, value, shape(value.shape[0]!));
}

/** A constant of the input's shape, which exporters write beside a choice. */
const filled =
  (number: number): TranslateDef =>
  (call) => {
    const { shape } = valueAt(call, 0);
    const make = (): Float32Array => new Float32Array(countElements(shape)).fill(number);
    return [lazyConstant(call.name, 'float', shape, make)];
  };

export const conditionOps: Readonly<Record<string, TranslateDef>> = {
  Greater: as('Greater'),
  GreaterEqual: as('GreaterOrEqual'),
  Less: as('Less'),
  LessEqual: as('LessOrEqual'),
  Equal: as('Equal'),
  NotEqual: notEqual,
  IsNan: as('IsNaN'),
  LogicalNot: not,
  LogicalAnd: as('And'),
  LogicalOr: as('Or'),
  Select: selectOld,
  SelectV2: as('Where'),
  ZerosLike: filled(0),
  OnesLike: filled(1),
};
