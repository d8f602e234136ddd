import { resizeTaps } from '../../../image/resize-taps.ts';
import { toTapMatrix } from '../../../image/tap-matrix.ts';
import type { Lowering, LoweringContext } from './lowering.ts';

/**
 * Resizing is linear along each axis: one matrix for the rows and one for the columns. The adjoint has both
 * matrices transposed.
 */
export const lowerResize: Lowering<'resize'> = (context) => {
  const { writer, op, inputs } = context;
  const [height = 1, width = 1] = context.inputShape(0);
  const matrix = matrixWriter(context);
  const down = matrix(height, op.height, false);
  const across = matrix(width, op.width, true);
  return writer.add('MatMul', [writer.add('MatMul', [down, inputs[0]!]), across]);
};

export const lowerResizeAdjoint: Lowering<'resizeAdjoint'> = (context) => {
  const { writer, op, inputs } = context;
  const [height = 1, width = 1] = context.inputShape(0);
  const matrix = matrixWriter(context);
  const down = matrix(op.height, height, true);
  const across = matrix(op.width, width, false);
  return writer.add('MatMul', [writer.add('MatMul', [down, inputs[0]!]), across]);
};

/**
 * Adds an axis of size 1 after the height and one after the width, and repeats both, so that each cell
 * becomes a block.
 */
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

/** Writes constants [to, from], or transposed [from, to], for a node's grid. */
function matrixWriter({
  writer,
  op,
}: LoweringContext<'resize'> | LoweringContext<'resizeAdjoint'>) {
  return (from: number, to: number, transposed: boolean): string => {
    const { values, shape } = toTapMatrix(resizeTaps(op.grid, from, to), from, transposed);
    return writer.floats(Float32Array.from(values), shape);
  };
}
