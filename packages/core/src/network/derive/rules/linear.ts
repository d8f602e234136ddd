import type { Op, OutputSize } from '../../op.ts';
import { trimWindow } from '../../windows.ts';
import { pickWeights, type Rule, type RuleContext } from '../rule.ts';

/**
 * Ops that are linear in their input. Their derivative is their adjoint and needs no forward values.
 */

export const conv2dRule: Rule<'conv2d'> = (context) =>
  adjoint(context, { ...context.op, kind: 'conv2dAdjoint', ...outputSize(context) }, 'kernel');

export const depthwiseConv2dRule: Rule<'depthwiseConv2d'> = (context) =>
  adjoint(
    context,
    { ...context.op, kind: 'depthwiseConv2dAdjoint', ...outputSize(context) },
    'kernel',
  );

export const denseRule: Rule<'dense'> = (context) =>
  adjoint(context, { kind: 'denseAdjoint' }, 'kernel');

export const batchNormRule: Rule<'batchNorm'> = (context) =>
  adjoint(context, { kind: 'batchNormAdjoint', epsilon: context.op.epsilon }, 'gamma', 'variance');

export const channelScaleRule: Rule<'channelScale'> = (context) =>
  adjoint(context, { kind: 'channelScale' }, 'scale');

export const averagePoolRule: Rule<'averagePool'> = (context) => {
  const { height, width } = outputSize(context);
  const window = trimWindow(context.op, [height, width], context.node.shape);
  return adjoint(context, { kind: 'averagePoolAdjoint', ...window, height, width });
};

export const globalAveragePoolRule: Rule<'globalAveragePool'> = (context) =>
  adjoint(context, { kind: 'globalAveragePoolAdjoint', ...outputSize(context) });

export const padRule: Rule<'pad'> = (context) =>
  adjoint(context, { kind: 'crop', padding: context.op.padding });

/** The cells around the image do not depend on the input. */
export const padWithRule: Rule<'padWith'> = (context) =>
  adjoint(context, { kind: 'crop', padding: context.op.padding });

export const cropRule: Rule<'crop'> = (context) =>
  adjoint(context, { kind: 'pad', padding: context.op.padding });

export const reshapeRule: Rule<'reshape'> = (context) => adjoint(context, { kind: 'reshape' });

/** The adjoint of the adjoint is the convolution itself, without its bias. */
export const conv2dAdjointRule: Rule<'conv2dAdjoint'> = (context) => {
  const { groups, strides, dilations, padding } = context.op;
  return adjoint(context, { kind: 'conv2d', groups, strides, dilations, padding }, 'kernel');
};

export const permuteRule: Rule<'permute'> = (context) => {
  const dims = context.op.dims.map((_, axis) => context.op.dims.indexOf(axis));
  return adjoint(context, { kind: 'permute', dims });
};

export const affineRule: Rule<'affine'> = (context) =>
  adjoint(context, { kind: 'affine', scale: context.op.scale, offset: [0] });

export const resizeRule: Rule<'resize'> = (context) =>
  adjoint(context, { kind: 'resizeAdjoint', grid: context.op.grid, ...outputSize(context) });

export const resizeNearestRule: Rule<'resizeNearest'> = (context) =>
  adjoint(context, { kind: 'resizeNearestAdjoint', factors: context.op.factors });

/** Emits the adjoint of a node, which reads the upstream gradient and has the shape of the node's input. */
function adjoint(
  context: Pick<RuleContext, 'node' | 'upstream' | 'inputShape' | 'emit'>,
  op: Op,
  ...roles: readonly string[]
): string {
  const weights = pickWeights(context.node, ...roles);
  return context.emit(op, [context.upstream], context.inputShape(0), weights);
}

function outputSize(context: Pick<RuleContext, 'inputShape'>): OutputSize {
  const [height = 1, width = 1] = context.inputShape(0);
  return { height, width };
}
