import type { OpKind } from '../../network/op.ts';
import * as convolution from './convolution.ts';
import * as elementwise from './elementwise.ts';
import type { Lowering } from './lowering.ts';
import * as pooling from './pooling.ts';

/** Every op that this engine has; asking for another is an error that names it. */
export const lowerings: { readonly [K in Exclude<OpKind, 'input'>]?: Lowering<K> } = {
  conv2d: convolution.lowerConv2d,
  conv2dAdjoint: convolution.lowerConv2dAdjoint,
  depthwiseConv2d: convolution.lowerDepthwiseConv2d,
  depthwiseConv2dAdjoint: convolution.lowerDepthwiseConv2dAdjoint,
  dense: elementwise.lowerDense,
  denseAdjoint: elementwise.lowerDenseAdjoint,
  batchNorm: elementwise.lowerBatchNorm,
  batchNormAdjoint: elementwise.lowerBatchNormAdjoint,
  relu: elementwise.lowerRelu,
  reluGradient: elementwise.lowerReluGradient,
  softmax: elementwise.lowerSoftmax,
  softmaxGradient: elementwise.lowerSoftmaxGradient,
  sigmoid: elementwise.lowerSigmoid,
  sigmoidGradient: elementwise.lowerSigmoidGradient,
  maxPool: pooling.lowerMaxPool,
  maxPoolGradient: pooling.lowerMaxPoolGradient,
  averagePool: pooling.lowerAveragePool,
  averagePoolAdjoint: pooling.lowerAveragePoolAdjoint,
  globalAveragePool: pooling.lowerGlobalAveragePool,
  globalAveragePoolAdjoint: pooling.lowerGlobalAveragePoolAdjoint,
  pad: elementwise.lowerPad,
  crop: elementwise.lowerCrop,
  reshape: elementwise.lowerReshape,
  add: elementwise.lowerAdd,
};
