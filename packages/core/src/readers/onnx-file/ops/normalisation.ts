import { countElements } from '../../../base/nd-array.ts';
import type { Constant } from '../../graph/constant.ts';
import { expandConstant } from '../../graph/fold/rearrange.ts';
import { joinValues } from '../../graph/join-values.ts';
import { joinConstant, vectorWeight } from '../../graph/lines.ts';
import { reduceValue } from '../../graph/reduce-value.ts';
import { scalarAffine } from '../../graph/scalar-affine.ts';
import { arrange, orderWithLast, plainOrder, reshapeValue } from '../../graph/layout.ts';
import { reshapeConstant } from '../../graph/constant.ts';
import type { NodeValue } from '../../graph/value.ts';
import {
  axisOf,
  constantAt,
  contradictory,
  requireConstant,
  unsupported,
  valueAt,
  type OnnxCall,
  type Translate,
} from '../onnx-call.ts';

/** `BatchNormalization` over axis 1 of a value of any rank, with the statistics of training. */
export const translateBatchNorm: Translate = (call) => {
  const { attributes, builder } = call;
  const value = valueAt(call, 0);
  const channels = value.shape[1] ?? 1;
  attributes.ignore('momentum', 'consumed_inputs');
  const isTraining = attributes.flag('training_mode', false) || (call.outputs[1] ?? '') !== '';
  if (isTraining || !attributes.flag('spatial', true)) {
    throw unsupported(
      call,
      isTraining
        ? 'it counts the statistics of its own batch: the model was exported in training mode; export it after model.eval()'
        : 'spatial=0 is not supported',
    );
  }
  const weights = Object.fromEntries(
    ['gamma', 'beta', 'mean', 'variance'].map((role, i) => {
      const constant = requireConstant(call, i + 1, role);
      if (countElements(constant.shape) !== channels) {
        throw contradictory(
          call,
          `its ${role} has shape [${constant.shape.join(', ')}], expected [${channels}]`,
        );
      }
      return [role, vectorWeight(builder, constant)];
    }),
  );
  const order = value.order.at(-1) === 1 ? value.order : orderWithLast(value, 1);
  const node = arrange(builder, value, order);
  const { shape } = builder.nodes.get(node)!;
  const op = { kind: 'batchNorm', epsilon: attributes.float('epsilon', 1e-5) } as const;
  return [{ ...value, order, channels: 1, node: builder.emit(op, [node], shape, { weights }) }];
};

/** `LayerNormalization` over the stated axis and all axes after it. */
export const translateLayerNorm: Translate = (call) => {
  const { attributes } = call;
  const value = valueAt(call, 0);
  const rank = value.shape.length;
  const axis = attributes.integer('axis', -1);
  const first = axis < 0 ? axis + rank : axis;
  attributes.ignore('stash_type');
  if (first < 1 || first >= rank)
    throw unsupported(call, `axis ${axis} of a value with ${rank} axes`);
  const epsilon = attributes.float('epsilon', 1e-5);
  const [gamma, beta] = [requireConstant(call, 1, 'scale'), constantAt(call, 2, 'bias')];
  if (first === rank - 1) return [normaliseLast(call, value, first, epsilon, gamma, beta)];
  const joined = countElements(value.shape.slice(first));
  const flat = reshapeValue(call.builder, value, [...value.shape.slice(0, first), joined]);
  const vector = (one: Constant): Constant =>
    countElements(one.shape) === joined ? reshapeConstant(one, one.name, [joined]) : one;
  const normal = normaliseLast(
    call,
    flat,
    first,
    epsilon,
    vector(gamma),
    beta === null ? null : vector(beta),
  );
  return [reshapeValue(call.builder, normal, value.shape)];
};

/** `RMSNormalization` of opset 23: by the root of the mean of squares over the axes from one on. */
export const translateRmsNorm: Translate = (call) => {
  const { attributes, builder } = call;
  const value = valueAt(call, 0);
  const rank = value.shape.length;
  const first = axisOf(call, attributes.integer('axis', -1), rank);
  attributes.ignore('stash_type');
  const axes = new Set(Array.from({ length: rank - first }, (_, i) => first + i));
  if (value.batch !== null && axes.has(value.batch)) {
    throw unsupported(call, 'it joins the items of a batch');
  }
  const squares = joinValues(builder, 'multiply', [value, value]);
  const means = reduceValue(builder, squares, 'mean', axes, true);
  const base = scalarAffine(builder, means, 1, attributes.float('epsilon', 1e-5));
  const { shape } = builder.nodes.get(base.node)!;
  const fn = { name: 'power', exponent: -0.5 } as const;
  const factor = { ...base, node: builder.emit({ kind: 'activation', fn }, [base.node], shape) };
  const normal = joinValues(builder, 'multiply', [value, factor]);
  const scale = requireConstant(call, 1, 'scale');
  const made = joinConstant(builder, normal, scale, 'scale');
  if (made !== null) return [made];
  throw contradictory(call, `its scale [${scale.shape.join(', ')}] does not fit`);
};

function normaliseLast(
  call: OnnxCall,
  value: NodeValue,
  axis: number,
  epsilon: number,
  gamma: Constant | null,
  beta: Constant | null,
): NodeValue {
  const { builder } = call;
  const order = value.order.at(-1) === axis ? value.order : orderWithLast(value, axis);
  const node = arrange(builder, value, order);
  const { shape } = builder.nodes.get(node)!;
  const weights = {
    ...(gamma === null ? {} : { gamma: weightOver(call, gamma, value.shape[axis]!) }),
    ...(beta === null ? {} : { beta: weightOver(call, beta, value.shape[axis]!) }),
  };
  const made = builder.emit({ kind: 'layerNorm', epsilon }, [node], shape, { weights });
  return { ...value, order, channels: axis, node: made };
}

/** A vector with a number for each place of an axis. A constant of one number is repeated. */
function weightOver(call: OnnxCall, constant: Constant, size: number): string {
  const { name, shape } = constant;
  const count = countElements(shape);
  if (count === size) return vectorWeight(call.builder, constant);
  if (count === 1) {
    const one = reshapeConstant(constant, name, [1]);
    return vectorWeight(call.builder, expandConstant(one, `${name} times ${size}`, [size]));
  }
  const found = `numbers of shape [${shape.join(', ')}] for an axis of ${size}`;
  throw unsupported(call, `${found}; expected one, or [${size}]`);
}

/**
 * `InstanceNormalization`: each channel is normalised by its own mean and variance, then scaled and shifted.
 */
export const translateInstanceNorm: Translate = (call) => {
  const value = valueAt(call, 0);
  const groups = value.shape[1] ?? 1;
  const normal = normaliseGroups(call, value, groups);
  return [overChannels(call, normal)];
};

/** `GroupNormalization`: each group of channels is normalised, then each channel is scaled and shifted. */
export const translateGroupNorm: Translate = (call) => {
  const value = valueAt(call, 0);
  const groups = call.attributes.integer('num_groups', 1);
  const channels = value.shape[1] ?? 1;
  if (groups < 1 || channels % groups !== 0) {
    throw contradictory(call, `${groups} groups of ${channels} channels`);
  }
  call.attributes.ignore('stash_type');
  return [overChannels(call, normaliseGroups(call, value, groups))];
};

function normaliseGroups(call: OnnxCall, value: NodeValue, groups: number): NodeValue {
  const { builder, attributes } = call;
  const { shape } = value;
  if (shape.length < 3 || shape[0] !== 1) {
    throw unsupported(
      call,
      `its input has shape [${shape.join(', ')}]; expected [1, channels, ..]`,
    );
  }
  const each = countElements(shape) / groups;
  const rows = reshapeValue(builder, value, [1, groups, each]);
  const epsilon = attributes.float('epsilon', 1e-5);
  const order = plainOrder(rows).filter((axis) => axis > 0);
  const node = arrange(builder, rows, order);
  const made = builder.emit({ kind: 'layerNorm', epsilon }, [node], [groups, each]);
  return reshapeValue(builder, { ...rows, order, node: made }, shape);
}

/** Scale and bias for each channel, or for each group (`GroupNormalization` before opset 21). */
function overChannels(call: OnnxCall, value: NodeValue): NodeValue {
  const channels = value.shape[1] ?? 1;
  let joined = value;
  for (const [index, role] of [
    [1, 'scale'],
    [2, 'bias'],
  ] as const) {
    const constant = requireConstant(call, index, role);
    const count = countElements(constant.shape);
    if (count !== channels) {
      throw unsupported(call, `its ${role} has ${count} numbers for ${channels} channels`);
    }
    const fitted = reshapeConstant(constant, constant.name, [
      channels,
      ...value.shape.slice(2).map(() => 1),
    ]);
    if (isNeutral(fitted, role)) continue;
    joined = joinConstant(call.builder, joined, fitted, role) ?? joined;
  }
  return joined;
}

function isNeutral(constant: Constant, role: 'scale' | 'bias'): boolean {
  const neutral = role === 'scale' ? 1 : 0;
  return constant.values().every((value) => value === neutral);
}
