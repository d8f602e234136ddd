import * as tf from '@tensorflow/tfjs-core';

/**
 * Puts `stride - 1` zeros after each cell of an image, along both axes, and cuts or zero-extends the result
 * to the given size. It is the adjoint of taking every stride-th cell.
 */
export function spreadCells(
  image: tf.Tensor4D,
  strides: readonly [number, number],
  size: readonly [height: number, width: number],
): tf.Tensor4D {
  const [batch, rowsIn, columnsIn, channels] = image.shape;
  let [height, width] = [rowsIn, columnsIn];
  let spread = image;
  if (strides[0] > 1 || strides[1] > 1) {
    // Zeros after each row of w * c numbers are new rows, and zeros after each cell of c numbers are new
    // columns.
    const rows = tf.pad(tf.reshape(spread, [batch, height, width * channels]), [
      [0, 0],
      [0, 0],
      [0, (strides[0] - 1) * width * channels],
    ]);
    height *= strides[0];
    const columns = tf.pad(tf.reshape(rows, [batch, height, width, channels]), [
      [0, 0],
      [0, 0],
      [0, 0],
      [0, (strides[1] - 1) * channels],
    ]);
    width *= strides[1];
    spread = tf.reshape(columns, [batch, height, width, channels]);
  }
  return fitImage(spread, size);
}

/** Cuts or zero-extends an image at its bottom and right to the given size. */
function fitImage(image: tf.Tensor4D, [height, width]: readonly [number, number]): tf.Tensor4D {
  const [batch, rows, columns, channels] = image.shape;
  const kept: [number, number, number, number] = [
    batch,
    Math.min(rows, height),
    Math.min(columns, width),
    channels,
  ];
  const cut = rows > height || columns > width ? tf.slice(image, [0, 0, 0, 0], kept) : image;
  if (rows >= height && columns >= width) return cut;
  return tf.pad(cut, [
    [0, 0],
    [0, Math.max(0, height - rows)],
    [0, Math.max(0, width - columns)],
    [0, 0],
  ]);
}

/** Pads an image with zeros at each edge, or cuts it where the number of cells is negative. */
export function shiftImage(
  image: tf.Tensor4D,
  edges: { top: number; bottom: number; left: number; right: number },
): tf.Tensor4D {
  const cut = {
    top: Math.max(0, -edges.top),
    bottom: Math.max(0, -edges.bottom),
    left: Math.max(0, -edges.left),
    right: Math.max(0, -edges.right),
  };
  const [batch, rows, columns, channels] = image.shape;
  const inner =
    cut.top + cut.bottom + cut.left + cut.right > 0
      ? tf.slice(
          image,
          [0, cut.top, cut.left, 0],
          [batch, rows - cut.top - cut.bottom, columns - cut.left - cut.right, channels],
        )
      : image;
  const pads: [[number, number], [number, number], [number, number], [number, number]] = [
    [0, 0],
    [Math.max(0, edges.top), Math.max(0, edges.bottom)],
    [Math.max(0, edges.left), Math.max(0, edges.right)],
    [0, 0],
  ];
  return pads.flat().some((cells) => cells > 0) ? tf.pad(inner, pads) : inner;
}
