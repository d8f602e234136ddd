import {
  readActivation,
  readElu,
  readLeakyRelu,
  readPrelu,
  readRelu,
  readSoftmax,
} from './activation.ts';
import { readBatchNormalization } from './batch-normalization.ts';
import {
  readConv2d,
  readConv2dTranspose,
  readDepthwiseConv2d,
  readSeparableConv2d,
} from './convolution.ts';
import { readDense } from './dense.ts';
import { readGroupNormalization } from './group-normalization.ts';
import { readLayerNormalization } from './layer-normalization.ts';
import type { LayerReader } from './layer-reader.ts';
import { readLayerScale } from './layer-scale.ts';
import * as merging from './merging.ts';
import * as pooling from './pooling.ts';
import * as reshaping from './reshaping.ts';
import { readNormalization, readRescaling } from './scaling.ts';

/** Keras class name to the function that translates it. */
export const layerReaders: ReadonlyMap<string, LayerReader> = new Map<string, LayerReader>([
  ['Activation', readActivation],
  ['ActivityRegularization', merging.readPassThrough],
  ['Add', merging.readAdd],
  ['AlphaDropout', merging.readPassThrough],
  ['Average', merging.readAverage],
  ['AveragePooling2D', pooling.readAveragePooling2d],
  ['BatchNormalization', readBatchNormalization],
  ['Concatenate', merging.readConcatenate],
  ['Conv2D', readConv2d],
  ['Conv2DTranspose', readConv2dTranspose],
  ['Cropping2D', reshaping.readCropping2d],
  ['CustomScaleLayer', merging.readCustomScale],
  ['Dense', readDense],
  ['DepthwiseConv2D', readDepthwiseConv2d],
  ['Dropout', merging.readPassThrough],
  ['ELU', readElu],
  ['Flatten', reshaping.readFlatten],
  ['GaussianDropout', merging.readPassThrough],
  ['GaussianNoise', merging.readPassThrough],
  ['GlobalAveragePooling2D', pooling.readGlobalAveragePooling2d],
  ['GlobalMaxPooling2D', pooling.readGlobalMaxPooling2d],
  ['GroupNormalization', readGroupNormalization],
  ['Identity', merging.readPassThrough],
  ['LayerNormalization', readLayerNormalization],
  ['LayerScale', readLayerScale],
  ['LeakyReLU', readLeakyRelu],
  ['MaxPooling2D', pooling.readMaxPooling2d],
  ['Maximum', merging.readMaximum],
  ['Minimum', merging.readMinimum],
  ['Multiply', merging.readMultiply],
  ['Normalization', readNormalization],
  ['PReLU', readPrelu],
  ['Permute', reshaping.readPermute],
  ['RandomBrightness', merging.readAugmentation],
  ['RandomContrast', merging.readAugmentation],
  ['RandomFlip', merging.readAugmentation],
  ['RandomRotation', merging.readAugmentation],
  ['RandomTranslation', merging.readAugmentation],
  ['RandomZoom', merging.readAugmentation],
  ['ReLU', readRelu],
  ['Rescaling', readRescaling],
  ['Reshape', reshaping.readReshape],
  ['SeparableConv2D', readSeparableConv2d],
  ['Softmax', readSoftmax],
  ['SpatialDropout2D', merging.readPassThrough],
  ['StochasticDepth', merging.readPassThrough],
  ['Subtract', merging.readSubtract],
  ['UpSampling2D', reshaping.readUpSampling2d],
  ['ZeroPadding2D', reshaping.readZeroPadding2d],
]);
