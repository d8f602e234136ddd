import type { OutputSize, Padding } from '../../op.ts';
import { pickWeights, type Rule, type RuleContext } from '../rule.ts';

/** Ops that are linear in their input: the derivative is the adjoint, whatever the values. */

export const conv2dRule: Rule<'conv2d'> = (context) =>
  context.emit(
    { ...context.op, kind: 'conv2dAdjoint', ...outputSize(context) },
    [context.upstream],
    context.inputShape(0),
    pickWeights(context.node, 'kernel'),
  );

export const depthwiseConv2dRule: Rule<'depthwiseConv2d'> = (context) =>
  context.emit(
    { ...context.op, kind: 'depthwiseConv2dAdjoint', ...outputSize(context) },
    [context.upstream],
    context.inputShape(0),
    pickWeights(context.node, 'kernel'),
  );

export const denseRule: Rule<'dense'> = (context) =>
  context.emit(
    { kind: 'denseAdjoint' },
    [context.upstream],
    context.inputShape(0),
    pickWeights(context.node, 'kernel'),
  );

export const batchNormRule: Rule<'batchNorm'> = (context) =>
  context.emit(
    { kind: 'batchNormAdjoint', epsilon: context.op.epsilon },
    [context.upstream],
    context.inputShape(0),
    pickWeights(context.node, 'gamma', 'variance'),
  );

export const channelScaleRule: Rule<'channelScale'> = (context) =>
  context.emit(
    { kind: 'channelScale' },
    [context.upstream],
    context.inputShape(0),
    pickWeights(context.node, 'scale'),
  );

export const averagePoolRule: Rule<'averagePool'> = (context) =>
  context.emit(
    { ...context.op, kind: 'averagePoolAdjoint', ...outputSize(context) },
    [context.upstream],
    context.inputShape(0),
  );

export const globalAveragePoolRule: Rule<'globalAveragePool'> = (context) =>
  context.emit(
    { kind: 'globalAveragePoolAdjoint', ...outputSize(context) },
    [context.upstream],
    context.inputShape(0),
  );

export const padRule: Rule<'pad'> = (context) => cropAway(context, context.op.padding);

/** What is around the image hangs on nothing. */
export const padWithRule: Rule<'padWith'> = (context) => cropAway(context, context.op.padding);

function cropAway(
  { emit, upstream, inputShape }: Pick<RuleContext, 'emit' | 'upstream' | 'inputShape'>,
  padding: Padding,
): string {
  return emit({ kind: 'crop', padding }, [upstream], inputShape(0));
}

export const cropRule: Rule<'crop'> = (context) =>
  context.emit(
    { kind: 'pad', padding: context.op.padding },
    [context.upstream],
    context.inputShape(0),
  );

export const reshapeRule: Rule<'reshape'> = (context) =>
  context.emit({ kind: 'reshape' }, [context.upstream], context.inputShape(0));

/** The adjoint of an adjoint is the convolution itself, without its bias. */
export const conv2dAdjointRule: Rule<'conv2dAdjoint'> = (context) => {
  const { groups, strides, dilations, padding } = context.op;
  return context.emit(
    { kind: 'conv2d', groups, strides, dilations, padding },
    [context.upstream],
    context.inputShape(0),
    pickWeights(context.node, 'kernel'),
  );
};

export const permuteRule: Rule<'permute'> = (context) => {
  const dims = context.op.dims.map((_, axis) => context.op.dims.indexOf(axis));
  return context.emit({ kind: 'permute', dims }, [context.upstream], context.inputShape(0));
};

export const affineRule: Rule<'affine'> = (context) =>
  context.emit(
    { kind: 'affine', scale: context.op.scale, offset: [0] },
    [context.upstream],
    context.inputShape(0),
  );

export const resizeRule: Rule<'resize'> = (context) =>
  context.emit(
    { kind: 'resizeAdjoint', grid: context.op.grid, ...outputSize(context) },
    [context.upstream],
    context.inputShape(0),
  );

export const resizeNearestRule: Rule<'resizeNearest'> = (context) =>
  context.emit(
    { kind: 'resizeNearestAdjoint', factors: context.op.factors },
    [context.upstream],
    context.inputShape(0),
  );

function outputSize(context: Pick<RuleContext, 'inputShape'>): OutputSize {
  const [height = 1, width = 1] = context.inputShape(0);
  return { height, width };
}
