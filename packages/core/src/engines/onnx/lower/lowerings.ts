import type { OpaqueKind, OpKind } from '../../../network/op.ts';
import * as activations from './activations.ts';
import * as adjointConvolution from './adjoint-convolution.ts';
import * as convolution from './convolution.ts';
import * as dense from './dense.ts';
import * as elementwise from './elementwise.ts';
import type { Lowering } from './lowering.ts';
import * as normalisation from './layer-normalisation.ts';
import * as merging from './merging.ts';
import * as pooling from './pooling.ts';
import * as poolingGradients from './pooling-gradients.ts';
import { lowerReluGradient } from './relu-gradient.ts';
import * as resizing from './resizing.ts';
import * as slicing from './slicing.ts';

/** The lowering of every op, except `input` and the ops that another library computes. */
export const lowerings: { readonly [K in Exclude<OpKind, 'input' | OpaqueKind>]: Lowering<K> } = {
  constant: merging.lowerConstant,
  conv2d: convolution.lowerConv2d,
  conv2dAdjoint: adjointConvolution.lowerConv2dAdjoint,
  depthwiseConv2d: convolution.lowerDepthwiseConv2d,
  depthwiseConv2dAdjoint: adjointConvolution.lowerDepthwiseConv2dAdjoint,
  dense: dense.lowerDense,
  denseAdjoint: dense.lowerDenseAdjoint,
  matMul: merging.lowerMatMul,
  batchNorm: elementwise.lowerBatchNorm,
  batchNormAdjoint: elementwise.lowerBatchNormAdjoint,
  channelScale: elementwise.lowerChannelScale,
  layerNorm: normalisation.lowerLayerNorm,
  layerNormGradient: normalisation.lowerLayerNormGradient,
  relu: elementwise.lowerRelu,
  reluGradient: lowerReluGradient,
  softmax: elementwise.lowerSoftmax,
  softmaxGradient: elementwise.lowerSoftmaxGradient,
  sigmoid: elementwise.lowerSigmoid,
  sigmoidGradient: elementwise.lowerSigmoidGradient,
  maxPool: pooling.lowerMaxPool,
  maxPoolGradient: poolingGradients.lowerMaxPoolGradient,
  averagePool: pooling.lowerAveragePool,
  averagePoolAdjoint: poolingGradients.lowerAveragePoolAdjoint,
  globalAveragePool: pooling.lowerGlobalAveragePool,
  globalAveragePoolAdjoint: poolingGradients.lowerGlobalAveragePoolAdjoint,
  pad: elementwise.lowerPad,
  padWith: elementwise.lowerPadWith,
  crop: elementwise.lowerCrop,
  reshape: elementwise.lowerReshape,
  prelu: activations.lowerPrelu,
  preluGradient: activations.lowerPreluGradient,
  activation: activations.lowerActivation,
  activationGradient: activations.lowerActivationGradient,
  globalMaxPool: pooling.lowerGlobalMaxPool,
  globalMaxPoolGradient: poolingGradients.lowerGlobalMaxPoolGradient,
  permute: elementwise.lowerPermute,
  affine: elementwise.lowerAffine,
  resize: resizing.lowerResize,
  resizeAdjoint: resizing.lowerResizeAdjoint,
  resizeNearest: resizing.lowerResizeNearest,
  resizeNearestAdjoint: resizing.lowerResizeNearestAdjoint,
  add: merging.lowerAdd,
  subtract: merging.lowerSubtract,
  multiply: merging.lowerMultiply,
  divide: merging.lowerDivide,
  maximum: merging.lowerMaximum,
  minimum: merging.lowerMinimum,
  compare: merging.lowerCompare,
  select: merging.lowerSelect,
  sumTo: merging.lowerSumTo,
  maxTo: merging.lowerMaxTo,
  broadcast: merging.lowerBroadcast,
  concatenate: merging.lowerConcatenate,
  slice: slicing.lowerSlice,
  stride: slicing.lowerStride,
  gather: slicing.lowerGather,
  gatherAdjoint: slicing.lowerGatherAdjoint,
  lookUp: slicing.lowerLookUp,
};
