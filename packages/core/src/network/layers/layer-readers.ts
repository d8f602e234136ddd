import { readActivation, readRelu, readSoftmax } from './activation.ts';
import { readBatchNormalization } from './batch-normalization.ts';
import { readConv2d, readDepthwiseConv2d } from './convolution.ts';
import { readDense } from './dense.ts';
import type { LayerReader } from './layer-reader.ts';
import { readAdd } from './merging.ts';
import { readAveragePooling2d, readGlobalAveragePooling2d, readMaxPooling2d } from './pooling.ts';
import {
  readCropping2d,
  readFlatten,
  readPassThrough,
  readReshape,
  readZeroPadding2d,
} from './reshaping.ts';

/** Keras class name to the function that translates it. */
export const layerReaders: ReadonlyMap<string, LayerReader> = new Map<string, LayerReader>([
  ['Activation', readActivation],
  ['Add', readAdd],
  ['AveragePooling2D', readAveragePooling2d],
  ['BatchNormalization', readBatchNormalization],
  ['Conv2D', readConv2d],
  ['Cropping2D', readCropping2d],
  ['Dense', readDense],
  ['DepthwiseConv2D', readDepthwiseConv2d],
  ['Dropout', readPassThrough],
  ['Flatten', readFlatten],
  ['GlobalAveragePooling2D', readGlobalAveragePooling2d],
  ['MaxPooling2D', readMaxPooling2d],
  ['ReLU', readRelu],
  ['Reshape', readReshape],
  ['Softmax', readSoftmax],
  ['SpatialDropout2D', readPassThrough],
  ['ZeroPadding2D', readZeroPadding2d],
]);
