import * as tf from '@tensorflow/tfjs-core';
import { resizeTaps } from '../../../image/resize-taps.ts';
import { toTapMatrix } from '../../../image/tap-matrix.ts';
import type { ResizeGrid } from '../../../network/op.ts';
import { imageAt, type Operation } from '../operation.ts';

/**
 * Resizing is linear along each axis: one matrix for the rows and one for the columns. The adjoint has both
 * matrices transposed. tfjs's own gradient of `resizeBilinear` exchanges height and width on cpu.
 */
export const resize: Operation<'resize'> = (context) => {
  const image = imageAt(context, 0);
  const [, height, width] = image.shape;
  const down = tapMatrix(context.op.grid, height, context.op.height);
  const across = tapMatrix(context.op.grid, width, context.op.width);
  return multiplyAxis(multiplyAxis(image, down, 1), across, 2);
};

export const resizeAdjoint: Operation<'resizeAdjoint'> = (context) => {
  const upstream = imageAt(context, 0);
  const [, height, width] = upstream.shape;
  const down = tapMatrix(context.op.grid, context.op.height, height, true);
  const across = tapMatrix(context.op.grid, context.op.width, width, true);
  return multiplyAxis(multiplyAxis(upstream, down, 1), across, 2);
};

export const resizeNearest: Operation<'resizeNearest'> = (context) => {
  const [batch, height, width, channels] = imageAt(context, 0).shape;
  const [rows, columns] = context.op.factors;
  const cells = tf.reshape(imageAt(context, 0), [batch * height, 1, width, 1, channels]);
  const repeated = tf.tile(cells, [1, rows, 1, columns, 1]);
  return tf.reshape(repeated, [batch, height * rows, width * columns, channels]);
};

export const resizeNearestAdjoint: Operation<'resizeNearestAdjoint'> = (context) => {
  const [rows, columns] = context.op.factors;
  const mean = tf.avgPool(imageAt(context, 0), [rows, columns], [rows, columns], 'valid');
  return tf.mul(mean, rows * columns);
};

/** [to, from]; transposed [from, to]. */
function tapMatrix(grid: ResizeGrid, from: number, to: number, transposed = false): tf.Tensor2D {
  const { values, shape } = toTapMatrix(resizeTaps(grid, from, to), from, transposed);
  return tf.tensor2d(Float32Array.from(values), [...shape]);
}

/** Multiplies one axis of an image with a matrix [new size, old size]. */
function multiplyAxis(image: tf.Tensor4D, matrix: tf.Tensor2D, axis: 1 | 2): tf.Tensor4D {
  const toLast = axis === 1 ? [0, 2, 3, 1] : [0, 1, 3, 2];
  const back = axis === 1 ? [0, 3, 1, 2] : [0, 1, 3, 2];
  const last = tf.transpose(image, toLast);
  const [batch, second, third, from] = last.shape;
  const rows = tf.reshape(last, [batch * second * third, from]) as tf.Tensor2D;
  const product = tf.matMul(rows, matrix, false, true);
  return tf.transpose(tf.reshape(product, [batch, second, third, matrix.shape[0]]), back);
}
