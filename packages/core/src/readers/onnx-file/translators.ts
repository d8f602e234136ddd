import type { Translate } from './onnx-call.ts';
import { activationTranslators } from './ops/activations.ts';
import { arithmeticTranslators } from './ops/arithmetic.ts';
import { axisTranslators } from './ops/axes.ts';
import { blockTranslators } from './ops/blocks.ts';
import { conditionTranslators } from './ops/conditions.ts';
import { translateConv, translateConvTranspose } from './ops/convolution.ts';
import { experimentalTranslators } from './ops/experimental.ts';
import { matrixTranslators } from './ops/matrices.ts';
import {
  translateBatchNorm,
  translateGroupNorm,
  translateInstanceNorm,
  translateLayerNorm,
  translateRmsNorm,
} from './ops/normalisation.ts';
import { translateEinsum } from './ops/einsum.ts';
import { translatePad } from './ops/padding.ts';
import { translateAttention } from './ops/attention.ts';
import { partTranslators } from './ops/parts.ts';
import { passThroughTranslators } from './ops/pass-through.ts';
import {
  translateAveragePool,
  translateGlobalPool,
  translateLrn,
  translateMaxPool,
} from './ops/pooling.ts';
import { quantisationTranslators } from './ops/quantisation.ts';
import { recurrentTranslators } from './ops/recurrent.ts';
import { reductionTranslators } from './ops/reductions.ts';
import { translateResize } from './ops/resizing.ts';
import { translateTriangle } from './ops/triangle.ts';

/** ONNX's own operators that are translated, by their names. */
export const translators: ReadonlyMap<string, Translate> = new Map(
  Object.entries({
    ...activationTranslators,
    ...arithmeticTranslators,
    ...matrixTranslators,
    ...quantisationTranslators,
    ...reductionTranslators,
    ...axisTranslators,
    ...partTranslators,
    ...blockTranslators,
    ...passThroughTranslators,
    ...conditionTranslators,
    ...experimentalTranslators,
    ...recurrentTranslators,
    Conv: translateConv,
    ConvTranspose: translateConvTranspose,
    BatchNormalization: translateBatchNorm,
    InstanceNormalization: translateInstanceNorm,
    GroupNormalization: translateGroupNorm,
    LayerNormalization: translateLayerNorm,
    MaxPool: translateMaxPool,
    AveragePool: translateAveragePool,
    GlobalAveragePool: translateGlobalPool('globalAveragePool'),
    GlobalMaxPool: translateGlobalPool('globalMaxPool'),
    LRN: translateLrn,
    Pad: translatePad,
    Einsum: translateEinsum,
    Trilu: translateTriangle,
    Attention: translateAttention,
    RMSNormalization: translateRmsNorm,
    Resize: translateResize,
    Upsample: translateResize,
  }),
);

/**
 * Operators that draw random numbers, which training leaves behind. A model with them has no fixed output.
 */
export const trainingOps: ReadonlySet<string> = new Set([
  ...['Bernoulli', 'Multinomial', 'RandomNormal', 'RandomNormalLike'],
  ...['RandomUniform', 'RandomUniformLike'],
]);
