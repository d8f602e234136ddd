import type { OpaqueKind, OpKind } from '../../network/op.ts';

/**
 * In which order an op takes its values and leaves its own: `images` with channels first, `plain` as in the
 * Network, `same` in any that all have, `own` as its lowering says.
 */
export type OrderRule = 'images' | 'plain' | 'same' | 'own';

/** One rule for each op that has a lowering. */
export const orderRules: { readonly [K in Exclude<OpKind, 'input' | OpaqueKind>]: OrderRule } = {
  conv2d: 'images',
  conv2dAdjoint: 'images',
  depthwiseConv2d: 'images',
  depthwiseConv2dAdjoint: 'images',
  dense: 'plain',
  denseAdjoint: 'plain',
  matMul: 'plain',
  batchNorm: 'images',
  batchNormAdjoint: 'same',
  channelScale: 'same',
  layerNorm: 'same',
  layerNormGradient: 'same',
  relu: 'same',
  reluGradient: 'same',
  softmax: 'same',
  softmaxGradient: 'same',
  sigmoid: 'same',
  sigmoidGradient: 'same',
  maxPool: 'images',
  maxPoolGradient: 'images',
  averagePool: 'images',
  averagePoolAdjoint: 'images',
  globalAveragePool: 'images',
  globalAveragePoolAdjoint: 'images',
  globalMaxPool: 'images',
  globalMaxPoolGradient: 'images',
  pad: 'same',
  crop: 'same',
  reshape: 'own',
  permute: 'own',
  prelu: 'same',
  preluGradient: 'same',
  activation: 'same',
  activationGradient: 'same',
  affine: 'same',
  resize: 'images',
  resizeAdjoint: 'images',
  resizeNearest: 'images',
  resizeNearestAdjoint: 'images',
  add: 'same',
  subtract: 'same',
  multiply: 'same',
  maximum: 'same',
  minimum: 'same',
  compare: 'same',
  sumTo: 'same',
  concatenate: 'same',
  slice: 'same',
};
