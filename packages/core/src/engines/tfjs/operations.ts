import type { OpKind } from '../../network/op.ts';
import type { Operation } from './operation.ts';
import * as activations from './ops/activations.ts';
import * as convolution from './ops/convolution.ts';
import * as elementwise from './ops/elementwise.ts';
import * as foreign from './ops/foreign.ts';
import * as merging from './ops/merging.ts';
import * as normalisation from './ops/layer-normalisation.ts';
import * as pooling from './ops/pooling.ts';
import * as resizing from './ops/resizing.ts';
import * as slicing from './ops/slicing.ts';

/** The operation of every op except `input`, whose values the caller gives. */
export const operations: { readonly [K in Exclude<OpKind, 'input'>]: Operation<K> } = {
  constant: merging.constant,
  conv2d: convolution.conv2d,
  conv2dAdjoint: convolution.conv2dAdjoint,
  depthwiseConv2d: convolution.depthwiseConv2d,
  depthwiseConv2dAdjoint: convolution.depthwiseConv2dAdjoint,
  dense: elementwise.dense,
  denseAdjoint: elementwise.denseAdjoint,
  matMul: merging.matMul,
  batchNorm: elementwise.batchNorm,
  batchNormAdjoint: elementwise.batchNormAdjoint,
  channelScale: elementwise.channelScale,
  layerNorm: normalisation.layerNorm,
  layerNormGradient: normalisation.layerNormGradient,
  relu: elementwise.relu,
  reluGradient: elementwise.reluGradient,
  prelu: elementwise.prelu,
  preluGradient: elementwise.preluGradient,
  activation: activations.activation,
  activationGradient: activations.activationGradient,
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
  globalMaxPool: pooling.globalMaxPool,
  globalMaxPoolGradient: pooling.globalMaxPoolGradient,
  pad: elementwise.pad,
  padWith: elementwise.padWith,
  crop: elementwise.crop,
  reshape: elementwise.reshape,
  permute: elementwise.permute,
  affine: elementwise.affine,
  resize: resizing.resize,
  resizeAdjoint: resizing.resizeAdjoint,
  resizeNearest: resizing.resizeNearest,
  resizeNearestAdjoint: resizing.resizeNearestAdjoint,
  add: merging.add,
  subtract: merging.subtract,
  multiply: merging.multiply,
  divide: merging.divide,
  maximum: merging.maximum,
  minimum: merging.minimum,
  compare: merging.compare,
  select: merging.select,
  sumTo: merging.sumTo,
  maxTo: merging.maxTo,
  broadcast: merging.broadcast,
  concatenate: merging.concatenate,
  slice: slicing.slice,
  stride: slicing.stride,
  gather: slicing.gather,
  gatherAdjoint: slicing.gatherAdjoint,
  lookUp: slicing.lookUp,
  opaque: foreign.opaque,
  opaqueGradient: foreign.opaqueGradient,
};
