import type { OpKind } from '../op.ts';

/** Ops that turn an image [height, width, channels] into another image. */
export const imageOps: ReadonlySet<OpKind> = new Set<OpKind>([
  ...(['conv2d', 'conv2dAdjoint', 'depthwiseConv2d', 'depthwiseConv2dAdjoint'] as const),
  ...(['maxPool', 'averagePool', 'pad', 'padWith', 'crop', 'resize', 'resizeNearest'] as const),
]);

/**
 * Ops that compute each element only from the elements at the same place, or only from those along the last
 * axis.
 */
export const tokenwiseOps: ReadonlySet<OpKind> = new Set<OpKind>([
  ...(['batchNorm', 'channelScale', 'layerNorm', 'relu', 'prelu', 'activation'] as const),
  ...(['softmax', 'sigmoid', 'affine'] as const),
]);

/** Ops that join values place by place and broadcast axes of size 1. */
export const joiningOps: ReadonlySet<OpKind> = new Set<OpKind>([
  ...(['add', 'subtract', 'multiply', 'divide', 'maximum', 'minimum'] as const),
  ...(['compare', 'select'] as const),
]);
