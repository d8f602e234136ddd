import { resampleTaps } from '../image/resample.ts';
import type { GraphWriter } from '../engines/onnx/graph-writer.ts';
import { scalar } from '../engines/onnx/lower/lowering.ts';
import type { Arithmetic } from './arithmetic.ts';

type Size = readonly [height: number, width: number];

/**
 * The display rule: ReLU where the method has one, half-pixel bilinear to the model's input size,
 * divided by the raw map's own maximum (of absolute values without a ReLU). Zero stays zero.
 *
 * @param raw float32 [batch, rows, columns]
 * @returns float32 [batch, height, width]
 */
export function writeHeatmap(
  writer: GraphWriter,
  arithmetic: Arithmetic,
  raw: string,
  grid: Size,
  input: Size,
  relu: boolean,
): string {
  const positive = relu ? writer.add('Relu', [raw]) : raw;
  const magnitude = relu ? positive : writer.add('Abs', [raw]);
  const largest = writer.add('ReduceMax', [magnitude, writer.integers([1, 2])], { keepdims: 1 });
  const isBlank = writer.add('Equal', [largest, scalar(writer, 0)]);
  const divisor = writer.add('Where', [isBlank, scalar(writer, 1), largest]);
  const resized = writeResize(writer, arithmetic, positive, grid, input);
  return writer.add('Div', [resized, divisor]);
}

/** One value for each pixel of a map [batch, height, width, 3]: the largest magnitude. */
export function writeMergedChannels(writer: GraphWriter, map: string): string {
  const magnitude = writer.add('Abs', [map]);
  return writer.add('ReduceMax', [magnitude, writer.integers([3])], { keepdims: 0 });
}

/** Linear along each axis: a matrix for the rows and one for the columns, of the resize used everywhere. */
export function writeResize(
  writer: GraphWriter,
  arithmetic: Arithmetic,
  map: string,
  [rows, columns]: Size,
  [height, width]: Size,
): string {
  if (rows === height && columns === width) return map;
  const across = arithmetic.constant(tapMatrix(columns, width, true), [columns, width]);
  const down = arithmetic.constant(tapMatrix(rows, height, false), [height, rows]);
  const narrow = writer.add('MatMul', [arithmetic.load(map), across]);
  return arithmetic.store(writer.add('MatMul', [down, narrow]));
}

/** [to, from], or transposed. */
function tapMatrix(from: number, to: number, transposed: boolean): number[] {
  const matrix = new Array<number>(to * from).fill(0);
  resampleTaps(from, { start: 0, length: from }, to).forEach(({ start, weights }, row) => {
    weights.forEach((weight, i) => {
      matrix[transposed ? (start + i) * to + row : row * from + start + i] = weight;
    });
  });
  return matrix;
}
