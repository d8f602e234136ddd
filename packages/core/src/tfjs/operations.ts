import type { OpKind } from '../network/op.ts';
import type { Operation } from './operation.ts';
import * as convolution from './ops/convolution.ts';
import * as elementwise from './ops/elementwise.ts';
import * as pooling from './ops/pooling.ts';

/** The whole op set but `input`, which a run supplies. */
export const operations: { readonly [K in Exclude<OpKind, 'input'>]: Operation<K> } = {
  conv2d: convolution.conv2d,
  conv2dAdjoint: convolution.conv2dAdjoint,
  depthwiseConv2d: convolution.depthwiseConv2d,
  depthwiseConv2dAdjoint: convolution.depthwiseConv2dAdjoint,
  dense: elementwise.dense,
  denseAdjoint: elementwise.denseAdjoint,
  batchNorm: elementwise.batchNorm,
  batchNormAdjoint: elementwise.batchNormAdjoint,
  relu: elementwise.relu,
  reluGradient: elementwise.reluGradient,
  softmax: elementwise.softmax,
  softmaxGradient: elementwise.softmaxGradient,
  sigmoid: elementwise.sigmoid,
  sigmoidGradient: elementwise.sigmoidGradient,
  maxPool: pooling.maxPool,
  maxPoolGradient: pooling.maxPoolGradient,
  averagePool: pooling.averagePool,
  averagePoolAdjoint: pooling.averagePoolAdjoint,
  globalAveragePool: pooling.globalAveragePool,
  globalAveragePoolAdjoint: pooling.globalAveragePoolAdjoint,
  pad: elementwise.pad,
  crop: elementwise.crop,
  reshape: elementwise.reshape,
  add: elementwise.add,
};
