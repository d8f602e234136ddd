import type { Relation } from '../../../network/op.ts';
import { constantValue } from '../../graph/constant-value.ts';
import { onlyNumber } from '../../graph/constant.ts';
import { broadcastShapes } from '../../graph/fold/shapes.ts';
import { canJoin, joinValues } from '../../graph/join-values.ts';
import { scalarAffine } from '../../graph/scalar-affine.ts';
import type { Condition, NodeValue, Value } from '../../graph/value.ts';
import { contradictory, type OnnxCall, type Translate, valueAt } from '../onnx-call.ts';

/**
 * Comparisons and choices between values. A truth value is 1 or 0 in the network, and no gradient passes it.
 * What exporters write around a function is recognised.
 */

/** The inputs as values of the network, constants stored as the first computed one is. */
function inputsOf(call: OnnxCall): readonly NodeValue[] {
  const computed = call.inputs.findIndex((input) => input?.kind !== 'constant');
  const like = valueAt(call, computed);
  const values = call.inputs.map((input, i) =>
    input?.kind === 'constant' ? constantValue(call.builder, input, like) : valueAt(call, i),
  );
  if (canJoin(values)) return values;
  const shapes = values.map(({ shape }) => `[${shape.join(', ')}]`).join(', ');
  throw contradictory(call, `its inputs ${shapes} do not fit each other`);
}

function compare(call: OnnxCall, relation: Relation): NodeValue {
  return joinValues(call.builder, { kind: 'compare', relation }, inputsOf(call));
}

const condition = (value: NodeValue): Condition => ({ kind: 'condition', value, of: null });

const negate = (call: OnnxCall, value: NodeValue): NodeValue =>
  scalarAffine(call.builder, value, -1, 1);

const translateCompare =
  (relation: Relation): Translate =>
  (call) => [condition(compare(call, relation))];

/** From this x on, softplus(x) and x are the same float32, because exp(-15) is less than 2^-24 of 15. */
const SOFTPLUS_IS_LINE = 15;

const translateGreater: Translate = (call) => {
  const value = compare(call, 'greater');
  const [first, bound] = call.inputs;
  const isFar = bound?.kind === 'constant' && (onlyNumber(bound) ?? 0) >= SOFTPLUS_IS_LINE;
  const of = isFar && first?.kind === 'node' ? ({ node: first.node, is: 'above' } as const) : null;
  return [{ ...condition(value), of }];
};

/** Neither is greater. */
const translateEqual: Translate = (call) => {
  const sides = (['greaterEqual', 'lessEqual'] as const).map((relation) => compare(call, relation));
  return [condition(joinValues(call.builder, 'multiply', sides))];
};

const translateNot: Translate = (call) => [condition(negate(call, valueAt(call, 0)))];

const translateAnd: Translate = (call) => [
  condition(joinValues(call.builder, 'multiply', inputsOf(call))),
];

const translateOr: Translate = (call) => [
  condition(joinValues(call.builder, 'maximum', inputsOf(call))),
];

/** What is no number is not equal to itself. */
const translateIsNaN: Translate = (call) => {
  const value = valueAt(call, 0);
  const equal = joinValues(call.builder, { kind: 'compare', relation: 'greaterEqual' }, [
    value,
    value,
  ]);
  return [{ ...condition(negate(call, equal)), of: { node: value.node, is: 'notANumber' } }];
};

/** Whether a value keeps its shape when it is broadcast with another, as `Where` does with its inputs. */
function keepsShape(value: NodeValue, other: Value | null | undefined): boolean {
  if (other?.kind !== 'constant' && other?.kind !== 'node') return false;
  return broadcastShapes(value.shape, other.shape)?.join() === value.shape.join();
}

/** The value where a condition holds, else another. */
const translateWhere: Translate = (call) => {
  const written = recogniseWhere(call);
  if (written !== null) return [written];
  return [joinValues(call.builder, 'select', inputsOf(call))];
};

/**
 * What exporters write around a function: `where(isnan(s), 0, s)` behind a softmax, which never is, and
 * `where(x > 20, x, softplus(x))`, which is the same to the last bit of float32. Where a constant condition
 * is the same everywhere, only one of the two values counts.
 */
function recogniseWhere(call: OnnxCall): NodeValue | null {
  const [given, first, second] = call.inputs;
  if (given?.kind === 'constant') {
    const values = given.values();
    const isFirst = values.every((value) => value !== 0);
    if (!isFirst && !values.every((value) => value === 0)) return null;
    const place = isFirst ? 1 : 2;
    const taken = call.inputs[place]?.kind === 'constant' ? null : valueAt(call, place);
    if (taken === null || !keepsShape(taken, given)) return null;
    return keepsShape(taken, call.inputs[3 - place]) ? taken : null;
  }
  if (given?.kind !== 'condition' || given.of === null) return null;
  const { node, is } = given.of;
  if (second?.kind !== 'node') return null;
  const { op, inputs } = call.builder.nodes.get(second.node)!;
  if (is === 'notANumber') {
    const isSafe = second.node === node && op.kind === 'softmax' && first?.kind === 'constant';
    return isSafe && keepsShape(second, first) ? second : null;
  }
  const isSoftplus = op.kind === 'activation' && op.fn.name === 'softplus' && inputs[0] === node;
  return isSoftplus && first?.kind === 'node' && first.node === node ? second : null;
}

export const conditionTranslators: Readonly<Record<string, Translate>> = {
  IsNaN: translateIsNaN,
  Greater: translateGreater,
  GreaterOrEqual: translateCompare('greaterEqual'),
  Less: translateCompare('less'),
  LessOrEqual: translateCompare('lessEqual'),
  Equal: translateEqual,
  Not: translateNot,
  And: translateAnd,
  Or: translateOr,
  Where: translateWhere,
};
