import * as tf from '@tensorflow/tfjs-core';
import type { Padding } from '../../../network/op.ts';
import { imageAt, type Operation } from '../operation.ts';
import { shiftImage } from './spread.ts';

export const relu: Operation<'relu'> = (context) => {
  const [x] = context.inputs as [tf.Tensor];
  const { max, slope } = context.op;
  if (slope === 0) return max === 6 ? tf.relu6(x) : capAt(tf.relu(x), max);
  return capAt(tf.leakyRelu(x, slope), max);
};

function capAt(x: tf.Tensor, max: number | null): tf.Tensor {
  return max === null ? x : tf.minimum(x, max);
}

/**
 * The gradient passes where the input is above zero and below the cap. Guided backpropagation (Springenberg
 * et al. 2015) also drops negative gradients; the deconvnet (Zeiler and Fergus 2014) looks at the gradient
 * alone.
 *
 * At the kinks this follows TensorFlow's kernels. At its cap, ReLU6 blocks the gradient, while any other
 * cap is a clip and lets it pass. At zero, a leaky ReLU passes its slope, unless it also has a cap.
 */
export const reluGradient: Operation<'reluGradient'> = (context) => {
  const [upstream, x] = context.inputs as [tf.Tensor, tf.Tensor];
  const { policy, max, slope } = context.op;
  if (policy === 'deconvnet') return tf.relu(upstream);
  const received = policy === 'guided' ? tf.relu(upstream) : upstream;
  let open: tf.Tensor = tf.greater(x, 0);
  if (max !== null) open = tf.logicalAnd(open, max === 6 ? tf.less(x, max) : tf.lessEqual(x, max));
  const factor = tf.cast(open, 'float32');
  if (slope === 0) return tf.mul(received, factor);
  const negative = tf.cast(max === null ? tf.lessEqual(x, 0) : tf.less(x, 0), 'float32');
  return tf.mul(received, tf.add(factor, tf.mul(negative, slope)));
};

export const prelu: Operation<'prelu'> = (context) => {
  const [x] = context.inputs as [tf.Tensor];
  return tf.add(tf.relu(x), tf.mul(tf.minimum(x, 0), context.weight('alpha')));
};

export const preluGradient: Operation<'preluGradient'> = (context) => {
  const [upstream, x] = context.inputs as [tf.Tensor, tf.Tensor];
  const below = tf.mul(tf.cast(tf.less(x, 0), 'float32'), context.weight('alpha'));
  return tf.mul(upstream, tf.add(tf.cast(tf.greater(x, 0), 'float32'), below));
};

export const softmax: Operation<'softmax'> = ({ inputs }) => tf.softmax(inputs[0]!);

export const softmaxGradient: Operation<'softmaxGradient'> = ({ inputs }) => {
  const [upstream, output] = inputs as [tf.Tensor, tf.Tensor];
  const weighted = tf.mul(upstream, output);
  return tf.sub(weighted, tf.mul(output, tf.sum(weighted, -1, true)));
};

export const sigmoid: Operation<'sigmoid'> = ({ inputs }) => tf.sigmoid(inputs[0]!);

export const sigmoidGradient: Operation<'sigmoidGradient'> = ({ inputs }) => {
  const [upstream, output] = inputs as [tf.Tensor, tf.Tensor];
  return tf.mul(upstream, tf.mul(output, tf.sub(1, output)));
};

export const batchNorm: Operation<'batchNorm'> = (context) =>
  tf.batchNorm(
    context.inputs[0] as tf.Tensor4D,
    context.weight('mean') as tf.Tensor1D,
    context.weight('variance') as tf.Tensor1D,
    (context.optionalWeight('beta') ?? undefined) as tf.Tensor1D | undefined,
    (context.optionalWeight('gamma') ?? undefined) as tf.Tensor1D | undefined,
    context.op.epsilon,
  );

export const batchNormAdjoint: Operation<'batchNormAdjoint'> = (context) => {
  const scale = tf.rsqrt(tf.add(context.weight('variance'), context.op.epsilon));
  const gamma = context.optionalWeight('gamma');
  return tf.mul(context.inputs[0]!, gamma === null ? scale : tf.mul(scale, gamma));
};

export const channelScale: Operation<'channelScale'> = (context) => {
  const [x] = context.inputs as [tf.Tensor];
  const scale = context.optionalWeight('scale');
  const bias = context.optionalWeight('bias');
  const scaled = scale === null ? x : tf.mul(x, scale);
  return bias === null ? scaled : tf.add(scaled, bias);
};

export const dense: Operation<'dense'> = (context) => {
  const [x] = context.inputs as [tf.Tensor];
  const kernel = tf.reshape(context.weight('kernel'), [x.shape.at(-1)!, -1]) as tf.Tensor2D;
  const result = multiplyLast(x, kernel, false);
  const bias = context.optionalWeight('bias');
  return bias === null ? result : tf.add(result, tf.reshape(bias, [-1]));
};

export const denseAdjoint: Operation<'denseAdjoint'> = (context) => {
  const rows = context.node.shape.at(-1)!;
  const kernel = tf.reshape(context.weight('kernel'), [rows, -1]) as tf.Tensor2D;
  return multiplyLast(context.inputs[0]!, kernel, true);
};

/** Matrix product over the last axis of a value of any rank. */
function multiplyLast(x: tf.Tensor, kernel: tf.Tensor2D, transposed: boolean): tf.Tensor {
  const before = x.shape.slice(0, -1);
  const rows = tf.reshape(x, [-1, x.shape.at(-1)!]) as tf.Tensor2D;
  const product = tf.matMul(rows, kernel, false, transposed);
  return tf.reshape(product, [...before, product.shape[1]!]);
}

export const reshape: Operation<'reshape'> = ({ inputs, node }) =>
  tf.reshape(inputs[0]!, [inputs[0]!.shape[0]!, ...node.shape]);

export const permute: Operation<'permute'> = ({ inputs, op }) =>
  tf.transpose(inputs[0]!, [0, ...op.dims.map((axis) => axis + 1)]);

export const affine: Operation<'affine'> = ({ inputs, op }) => {
  const factor = (values: readonly number[]): tf.Tensor =>
    values.length === 1 ? tf.scalar(values[0]!) : tf.tensor1d([...values]);
  const scaled = tf.mul(inputs[0]!, factor(op.scale));
  return op.offset.every((value) => value === 0) ? scaled : tf.add(scaled, factor(op.offset));
};

export const pad: Operation<'pad'> = (context) =>
  shiftImage(imageAt(context, 0), context.op.padding);

export const padWith: Operation<'padWith'> = (context) => {
  const { top, bottom, left, right } = context.op.padding;
  const pads: [number, number][] = [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ];
  return tf.pad(context.inputs[0]!, pads, context.op.value);
};

export const crop: Operation<'crop'> = (context) => {
  const { top, bottom, left, right }: Padding = context.op.padding;
  return shiftImage(imageAt(context, 0), {
    top: -top,
    bottom: -bottom,
    left: -left,
    right: -right,
  });
};
