import { attributesOf, computedInputs, emitNode, type NodeRule } from '../flattening.ts';
import { computed, failed } from '../value.ts';

/** Batch normalisations with the statistics of training. */

const fused: NodeRule = (call) => {
  const attributes = attributesOf(call);
  if (attributes['is_training']?.['b'] !== false) {
    return [
      failed(
        call.node,
        'it computes the statistics of its own batch: the model was saved in training mode; save it for inference',
      ),
    ];
  }
  return [computed(emitNode(call, computedInputs(call), { attributes }))];
};

/** The form before TensorFlow 1, whose statistics come before scale and shift. */
const oldForm: NodeRule = (call) => {
  const { node } = call;
  const { T, variance_epsilon: epsilon, scale_after_normalization: scales } = attributesOf(call);
  if (scales?.['b'] !== true || epsilon === undefined) {
    return [
      failed(node, 'without scale_after_normalization and variance_epsilon it is not supported'),
    ];
  }
  const [value, mean, variance, shift, scale] = computedInputs(call);
  const inputs = [value, scale, shift, mean, variance].filter((input) => input !== undefined);
  if (inputs.length !== 5) return [failed(node, `expected 5 inputs, found ${inputs.length}`)];
  const attributes = {
    ...(T !== undefined && { T }),
    epsilon,
    data_format: { s: btoa('NHWC') },
    is_training: { b: false },
  };
  return [computed(emitNode(call, inputs, { op: 'FusedBatchNorm', attributes }))];
};

export const batchNormRules: Readonly<Record<string, NodeRule>> = {
  FusedBatchNorm: fused,
  FusedBatchNormV2: fused,
  FusedBatchNormV3: fused,
  BatchNormWithGlobalNormalization: oldForm,
};
