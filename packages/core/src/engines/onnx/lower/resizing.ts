import { resizeTaps } from '../../../image/resize-taps.ts';
import type { ResizeGrid } from '../../../network/op.ts';
import type { GraphWriter } from '../graph-writer.ts';
import type { Lowering } from './lowering.ts';

/**
 * Resizing is linear along each axis: a matrix for the rows and one for the columns. Its adjoint is
 * theirs transposed.
 */
export const lowerResize: Lowering<'resize'> = (context) => {
  const { writer, op, inputs } = context;
  const [height = 1, width = 1] = context.inputShape(0);
  const down = tapMatrix(writer, op.grid, height, op.height, false);
  const across = tapMatrix(writer, op.grid, width, op.width, true);
  return writer.add('MatMul', [writer.add('MatMul', [down, inputs[0]!]), across]);
};

export const lowerResizeAdjoint: Lowering<'resizeAdjoint'> = (context) => {
  const { writer, op, inputs } = context;
  const [height = 1, width = 1] = context.inputShape(0);
  const down = tapMatrix(writer, op.grid, op.height, height, true);
  const across = tapMatrix(writer, op.grid, op.width, width, false);
  return writer.add('MatMul', [writer.add('MatMul', [down, inputs[0]!]), across]);
};

/** Each cell in a block of its own, by repeating two axes that are added for it. */
export const lowerResizeNearest: Lowering<'resizeNearest'> = (context) => {
  const { writer, op, inputs } = context;
  const [height = 1, width = 1, channels = 1] = context.inputShape(0);
  const [rows, columns] = op.factors;
  const cells = writer.add('Reshape', [
    inputs[0]!,
    writer.integers([-1, channels, height, 1, width, 1]),
  ]);
  const repeated = writer.add('Expand', [
    cells,
    writer.integers([1, channels, height, rows, width, columns]),
  ]);
  return writer.add('Reshape', [
    repeated,
    writer.integers([-1, channels, height * rows, width * columns]),
  ]);
};

export const lowerResizeNearestAdjoint: Lowering<'resizeNearestAdjoint'> = (context) => {
  const { writer, op, inputs, node } = context;
  const [height = 1, width = 1, channels = 1] = node.shape;
  const [rows, columns] = op.factors;
  const blocks = writer.add('Reshape', [
    inputs[0]!,
    writer.integers([-1, channels, height, rows, width, columns]),
  ]);
  return writer.add('ReduceSum', [blocks, writer.integers([3, 5])], { keepdims: 0 });
};

/** [to, from], or transposed. */
function tapMatrix(
  writer: GraphWriter,
  grid: ResizeGrid,
  from: number,
  to: number,
  transposed: boolean,
): string {
  const matrix = new Float32Array(to * from);
  resizeTaps(grid, from, to).forEach(({ start, weights }, row) => {
    weights.forEach((weight, i) => {
      const column = start + i;
      matrix[transposed ? column * to + row : row * from + column] = weight;
    });
  });
  return writer.floats(matrix, transposed ? [from, to] : [to, from]);
}
