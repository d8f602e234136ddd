import type { Convolution, Window } from '../../../src/network/op.ts';
import { at, fill64, type Array64 } from './array64.ts';

/** Convolution by its definition: every output is a sum over its window. */
export function convolve(
  x: Array64,
  kernel: Array64,
  op: Convolution,
  groups: number,
  shape: readonly number[],
): Array64 {
  const [rows, columns, depth, filters] = kernel.shape as [number, number, number, number];
  const channels = x.shape[2]!;
  return fill64(shape, ([y, column, filter]) => {
    const group = Math.floor(filter! / (filters / groups));
    let sum = 0;
    forEachCell(x, { ...op, size: [rows, columns] }, y!, column!, (cell, i, j) => {
      for (let c = 0; c < depth; c++) {
        const weight = kernel.data[((i * columns + j) * depth + c) * filters + filter!]!;
        sum += x.data[cell * channels + group * depth + c]! * weight;
      }
    });
    return sum;
  });
}

export function convolveDepthwise(
  x: Array64,
  kernel: Array64,
  op: Convolution,
  shape: readonly number[],
): Array64 {
  const [rows, columns, channels, multiplier] = kernel.shape as [number, number, number, number];
  const outputs = channels * multiplier;
  return fill64(shape, ([y, column, output]) => {
    const channel = Math.floor(output! / multiplier);
    let sum = 0;
    forEachCell(x, { ...op, size: [rows, columns] }, y!, column!, (cell, i, j) => {
      const weight = kernel.data[(i * columns + j) * outputs + output!]!;
      sum += x.data[cell * channels + channel]! * weight;
    });
    return sum;
  });
}

/** Reduces each window to one value; the cells of padding are left out. */
export function pool(
  x: Array64,
  op: Window,
  shape: readonly number[],
  reduce: (cells: readonly number[]) => number,
): Array64 {
  const channels = x.shape[2]!;
  return fill64(shape, ([y, column, channel]) => {
    const cells: number[] = [];
    forEachCell(x, { ...op, dilations: [1, 1] }, y!, column!, (cell) =>
      cells.push(x.data[cell * channels + channel!]!),
    );
    return reduce(cells);
  });
}

/** Visits the cells of the window at (y, x) that lie in the image. */
function forEachCell(
  { shape }: Array64,
  op: Convolution & Pick<Window, 'size'>,
  y: number,
  x: number,
  visit: (cell: number, i: number, j: number) => void,
): void {
  const [height, width] = shape as [number, number];
  for (let i = 0; i < op.size[0]; i++) {
    const row = y * op.strides[0] + i * op.dilations[0] - op.padding.top;
    if (row < 0 || row >= height) continue;
    for (let j = 0; j < op.size[1]; j++) {
      const column = x * op.strides[1] + j * op.dilations[1] - op.padding.left;
      if (column >= 0 && column < width) visit(row * width + column, i, j);
    }
  }
}

/** Transposed convolution: each value times the kernel [kh, kw, out, in] is added where its window lies. */
export function spread(
  x: Array64,
  kernel: Array64,
  { strides, dilations, padding }: Convolution,
  shape: readonly number[],
): Array64 {
  const [kh, kw] = kernel.shape as [number, number];
  const [height, width, channels] = x.shape as [number, number, number];
  return fill64(shape, ([y, i, c]) => {
    let sum = 0;
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        const u = (y! + padding.top - row * strides[0]) / dilations[0];
        const v = (i! + padding.left - column * strides[1]) / dilations[1];
        const isTap =
          Number.isInteger(u) && Number.isInteger(v) && u >= 0 && u < kh && v >= 0 && v < kw;
        if (!isTap) continue;
        for (let k = 0; k < channels; k++)
          sum += at(x, [row, column, k]) * at(kernel, [u, v, c!, k]);
      }
    }
    return sum;
  });
}
