/**
 * Where a resize op places its samples, and how it mixes the cells around them.
 *
 * - `linear`, `nearest` and `cubic` are TensorFlow's with half-pixel centres, as Keras resizes.
 *   `antialias` is `linear` with a triangle that widens when the image shrinks.
 * - `aligned` and `alignedNearest` align the corner cells, as Resizing of tfjs-layers does.
 * - `corner` and `cornerNearest` measure from the upper left corner, as UpSampling2D of tfjs-layers
 *   does.
 * - `cubicEdges` and `alignedCubic` are the cubic of PyTorch and ONNX, which has a sharper kernel and
 *   repeats the edges. `nearestDown` is ONNX's `round_prefer_floor`: it is like `nearest`, but takes the
 *   first of two equally near cells.
 * - `windows` is adaptive pooling, which does not resize pictures: each sample is the mean of the whole
 *   cells that its share of the axis touches.
 */
export type ResizeGrid =
  | 'linear'
  | 'antialias'
  | 'nearest'
  | 'nearestDown'
  | 'cubic'
  | 'cubicEdges'
  | 'alignedCubic'
  | 'aligned'
  | 'alignedNearest'
  | 'corner'
  | 'cornerNearest'
  | 'windows';
