import { onlyNumber } from '../../graph/constant.ts';
import { broadcastShapes } from '../../graph/fold/shapes.ts';
import type { Condition, NodeValue, Value } from '../../graph/value.ts';
import { constantAt, type OnnxCall, type Translate, unsupported, valueAt } from '../onnx-call.ts';

/**
 * Comparisons and choices between values. Those that exporters write around a function are recognised; any
 * other choice by computed values is not supported.
 */

function conditionOf(call: OnnxCall, is: Condition['is']): Condition {
  const error = unsupported(
    call,
    'a result that depends on a comparison of computed values is not supported',
  );
  return { kind: 'condition', of: valueAt(call, 0), is, error };
}

/** From this x on, softplus(x) and x are the same float32, because exp(-15) is less than 2^-24 of 15. */
const SOFTPLUS_IS_LINE = 15;

const translateGreater: Translate = (call) => {
  const bound = constantAt(call, 1, 'bound');
  const condition = conditionOf(call, 'above');
  if (bound !== null && (onlyNumber(bound) ?? 0) >= SOFTPLUS_IS_LINE) return [condition];
  throw condition.error;
};

/** Whether a value keeps its shape when it is broadcast with another, as `Where` does with its inputs. */
function keepsShape(value: NodeValue, other: Value | null | undefined): boolean {
  if (other?.kind !== 'constant' && other?.kind !== 'node') return false;
  return broadcastShapes(value.shape, other.shape)?.join() === value.shape.join();
}

/**
 * A choice by a constant condition that takes one side everywhere, or one of the choices that exporters
 * write: `where(isnan(s), 0, s)` after a softmax, which is never NaN, and `where(x > 20, x, softplus(x))`,
 * whose two sides are the same float32.
 */
const translateWhere: Translate = (call) => {
  const [condition, first, second] = call.inputs;
  if (condition?.kind === 'constant') {
    const values = condition.values();
    const isFirst = values.every((value) => value !== 0);
    const place = isFirst ? 1 : 2;
    if (isFirst || values.every((value) => value === 0)) {
      const taken = valueAt(call, place);
      if (keepsShape(taken, condition) && keepsShape(taken, call.inputs[3 - place])) return [taken];
    }
  }
  if (condition?.kind !== 'condition') {
    throw unsupported(call, 'this choice between two values is not supported');
  }
  const { of, is, error } = condition;
  if (is === 'notANumber') {
    const isSame = second?.kind === 'node' && second.node === of.node;
    if (isSame && first?.kind === 'constant' && keepsShape(second, first)) return [second];
    throw error;
  }
  const softplus = second?.kind === 'node' ? call.builder.nodes.get(second.node)! : null;
  const isSoftplus = softplus?.op.kind === 'activation' && softplus.op.fn.name === 'softplus';
  const isOfSame = isSoftplus && softplus.inputs[0] === of.node;
  if (second?.kind === 'node' && isOfSame && first?.kind === 'node' && first.node === of.node) {
    return [second];
  }
  throw error;
};

export const conditionTranslators: Readonly<Record<string, Translate>> = {
  IsNaN: (call) => [conditionOf(call, 'notANumber')],
  Greater: translateGreater,
  Where: translateWhere,
};
