import * as tf from '@tensorflow/tfjs-core';
import { isPadded, type Window } from '../../../network/op.ts';
import { imageAt, type Operation } from '../operation.ts';
import { shiftImage, spreadCells } from './spread.ts';

type Pair = [number, number];

/** Below every value of a network, yet finite, because infinity times zero would be NaN. */
const LOWEST = -3.4e38;

export const maxPool: Operation<'maxPool'> = (context) => {
  const { op } = context;
  const image = padLowest(imageAt(context, 0), op);
  return tf.maxPool(image, op.size as Pair, op.strides as Pair, 'valid');
};

/**
 * Sends each gradient to the first largest cell of its window, in row-major order.
 *
 * The backends' own kernels lose windows of zeros (wasm) or break ties differently, so this goes through the
 * window's offsets one by one. It costs one pass over the output for each cell of the window.
 */
export const maxPoolGradient: Operation<'maxPoolGradient'> = (context) => {
  const { op } = context;
  const [upstream, input, output] = [0, 1, 2].map((i) => imageAt(context, i)) as [
    tf.Tensor4D,
    tf.Tensor4D,
    tf.Tensor4D,
  ];
  const image = padLowest(input, op);
  const [batch, rows, columns, channels] = output.shape;
  let open = tf.onesLike(output);
  const parts: tf.Tensor4D[] = [];
  for (let dy = 0; dy < op.size[0]; dy++) {
    for (let dx = 0; dx < op.size[1]; dx++) {
      const cells = tf.stridedSlice(
        image,
        [0, dy, dx, 0],
        [
          batch,
          dy + (rows - 1) * op.strides[0] + 1,
          dx + (columns - 1) * op.strides[1] + 1,
          channels,
        ],
        [1, ...op.strides, 1],
      ) as tf.Tensor4D;
      const claimed = tf.mul(tf.cast(tf.equal(cells, output), 'float32'), open);
      open = tf.sub(open, claimed);
      parts.push(placePart(tf.mul(upstream, claimed), [dy, dx], op, image.shape));
    }
  }
  return unpad(tf.addN(parts), op);
};

export const averagePool: Operation<'averagePool'> = (context) => {
  const { op } = context;
  const image = imageAt(context, 0);
  if (!isPadded(op.padding)) {
    return tf.avgPool(image, op.size as Pair, op.strides as Pair, 'valid');
  }
  return tf.div(sumWindows(shiftImage(image, op.padding), op), countCells(image, op));
};

export const averagePoolAdjoint: Operation<'averagePoolAdjoint'> = (context) => {
  const { op } = context;
  const upstream = imageAt(context, 0);
  const [batch, , , channels] = upstream.shape;
  const { padding } = op;
  const padded: [number, number, number, number] = [
    batch,
    op.height + padding.top + padding.bottom,
    op.width + padding.left + padding.right,
    channels,
  ];
  const counts = countCells(tf.zeros([1, op.height, op.width, 1]), op);
  const share = tf.div<tf.Tensor4D>(upstream, counts);
  const parts: tf.Tensor4D[] = [];
  for (let dy = 0; dy < op.size[0]; dy++) {
    for (let dx = 0; dx < op.size[1]; dx++) parts.push(placePart(share, [dy, dx], op, padded));
  }
  return unpad(tf.addN(parts), op);
};

export const globalAveragePool: Operation<'globalAveragePool'> = (context) =>
  tf.mean(imageAt(context, 0), [1, 2]);

export const globalAveragePoolAdjoint: Operation<'globalAveragePoolAdjoint'> = (context) => {
  const upstream = context.inputs[0] as tf.Tensor2D;
  const { height, width } = context.op;
  const [batch, channels] = upstream.shape;
  const share = tf.reshape(tf.div(upstream, height * width), [batch, 1, 1, channels]);
  return tf.tile(share, [1, height, width, 1]);
};

export const globalMaxPool: Operation<'globalMaxPool'> = (context) =>
  tf.max(imageAt(context, 0), [1, 2]);

/** Cells that tie for the maximum share its gradient equally. */
export const globalMaxPoolGradient: Operation<'globalMaxPoolGradient'> = (context) => {
  const [upstream, image, output] = context.inputs as [tf.Tensor2D, tf.Tensor4D, tf.Tensor2D];
  const [batch, channels] = output.shape;
  const atCells = (values: tf.Tensor): tf.Tensor => tf.reshape(values, [batch, 1, 1, channels]);
  const isLargest = tf.cast(tf.equal(image, atCells(output)), 'float32');
  const share = tf.div(atCells(upstream), tf.sum(isLargest, [1, 2], true));
  return tf.mul(isLargest, share);
};

function padLowest(image: tf.Tensor4D, { padding }: Window): tf.Tensor4D {
  if (!isPadded(padding)) return image;
  return tf.pad(
    image,
    [
      [0, 0],
      [padding.top, padding.bottom],
      [padding.left, padding.right],
      [0, 0],
    ],
    LOWEST,
  );
}

function unpad(image: tf.Tensor4D, { padding }: Window): tf.Tensor4D {
  return shiftImage(image, {
    top: -padding.top,
    bottom: -padding.bottom,
    left: -padding.left,
    right: -padding.right,
  });
}

/** The part of a padded image's gradient that reaches it through one offset of the window. */
function placePart(
  part: tf.Tensor4D,
  [dy, dx]: readonly [number, number],
  op: Window,
  padded: readonly [number, number, number, number],
): tf.Tensor4D {
  const spread = spreadCells(part, op.strides, [padded[1] - dy, padded[2] - dx]);
  return shiftImage(spread, { top: dy, bottom: 0, left: dx, right: 0 });
}

/** The sum over each window of an image that is padded already. */
function sumWindows(image: tf.Tensor4D, op: Window): tf.Tensor4D {
  const mean = tf.avgPool(image, op.size as Pair, op.strides as Pair, 'valid');
  return tf.mul(mean, op.size[0] * op.size[1]);
}

/** How many cells each window holds, padding not counted: [1, h, w, 1]. */
function countCells(image: tf.Tensor4D, op: Window): tf.Tensor4D {
  const [, height, width] = image.shape;
  return sumWindows(shiftImage(tf.ones([1, height, width, 1]), op.padding), op);
}
