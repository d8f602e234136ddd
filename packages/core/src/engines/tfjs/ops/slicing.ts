import * as tf from '@tensorflow/tfjs-core';
import type { Operation } from '../operation.ts';

export const slice: Operation<'slice'> = ({ inputs, node, op }) => {
  const [x] = inputs as [tf.Tensor];
  const begin = x.shape.map((_, axis) => (axis === op.axis + 1 ? op.start : 0));
  return tf.slice(x, begin, [x.shape[0]!, ...node.shape]);
};

/**
 * The value is reshaped so that the axis is the middle one of three. A negative step becomes a positive one
 * on the reversed axis.
 */
export const stride: Operation<'stride'> = ({ inputs, node, op }) => {
  const [x] = inputs as [tf.Tensor];
  const [size, length] = [x.shape[op.axis + 1]!, node.shape[op.axis]!];
  const after = x.shape.slice(op.axis + 2).reduce((product, n) => product * n, 1);
  const image = tf.reshape(x, [-1, size, after]);
  const isBackwards = op.step < 0;
  const turned = isBackwards ? tf.reverse(image, 1) : image;
  const start = isBackwards ? size - 1 - op.start : op.start;
  const step = Math.abs(op.step);
  const end = start + (length - 1) * step + 1;
  const [rows] = image.shape as [number];
  const taken = tf.stridedSlice(turned, [0, start, 0], [rows, end, after], [1, step, 1]);
  return tf.reshape(taken, [x.shape[0]!, ...node.shape]);
};

/** Whole numbers may come as float32, in which they are exact up to 2^24. */
export const lookUp: Operation<'lookUp'> = ({ inputs, weight }) =>
  tf.gather(weight('table'), tf.cast(inputs[0]!, 'int32'));

export const gather: Operation<'gather'> = ({ inputs, op }) =>
  tf.gather(inputs[0]!, tf.tensor1d([...op.indices], 'int32'), op.axis + 1);

/** The axis is moved to the front; its slices become rows, which are added up at their indices. */
export const gatherAdjoint: Operation<'gatherAdjoint'> = ({ inputs, node, op }) => {
  const [upstream] = inputs as [tf.Tensor];
  const axes = upstream.shape.map((_, axis) => axis);
  const first = [op.axis + 1, ...axes.filter((axis) => axis !== op.axis + 1)];
  const turned = tf.transpose(upstream, first);
  const rest = turned.shape.slice(1);
  const places = tf.tensor2d([...op.indices], [op.indices.length, 1], 'int32');
  const rows = tf.reshape(turned, [op.indices.length, -1]);
  const size = node.shape[op.axis]!;
  const sums = tf.scatterND(places, rows, [size, rows.shape[1]!]);
  return tf.transpose(
    tf.reshape(sums, [size, ...rest]),
    axes.map((axis) => first.indexOf(axis)),
  );
};
