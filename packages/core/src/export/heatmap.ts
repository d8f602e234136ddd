import { resampleTaps } from '../image/resample.ts';
import { toTapMatrix } from '../image/tap-matrix.ts';
import type { GraphWriter } from '../engines/onnx/graph-writer.ts';
import { scalar } from '../engines/onnx/lower/lowering.ts';
import type { Arithmetic } from './arithmetic.ts';

type Size = readonly [height: number, width: number];

/** A raw map, and how it is displayed. */
export interface HeatmapRequest {
  /** float32 [batch, rows, columns] */
  readonly raw: string;
  /** Rows and columns of the raw map. */
  readonly grid: Size;
  /** Size of the model's input, which the heatmap gets too. */
  readonly size: Size;
  /** Whether the method has a ReLU. */
  readonly relu: boolean;
}

/**
 * The display rule: a ReLU where the method has one, half-pixel bilinear resizing to the model's input size,
 * and a division by the raw map's maximum (the maximum of absolute values for a method without a ReLU). A map
 * of zeros stays zero.
 *
 * @returns float32 [batch, height, width]
 */
export function writeHeatmap(
  writer: GraphWriter,
  arithmetic: Arithmetic,
  { raw, grid, size, relu }: HeatmapRequest,
): string {
  const positive = relu ? writer.add('Relu', [raw]) : raw;
  const magnitude = relu ? positive : writer.add('Abs', [raw]);
  const largest = writer.add('ReduceMax', [magnitude, writer.integers([1, 2])], { keepdims: 1 });
  const isBlank = writer.add('Equal', [largest, scalar(writer, 0)]);
  const divisor = writer.add('Where', [isBlank, scalar(writer, 1), largest]);
  const resized = writeResize(writer, arithmetic, positive, grid, size);
  return writer.add('Div', [resized, divisor]);
}

/** For each pixel of a map [batch, height, width, 3], the largest absolute value of its channels. */
export function writeMergedChannels(writer: GraphWriter, map: string): string {
  const magnitude = writer.add('Abs', [map]);
  return writer.add('ReduceMax', [magnitude, writer.integers([3])], { keepdims: 0 });
}

/** The bilinear resize that is used everywhere, as one matrix for the rows and one for the columns. */
export function writeResize(
  writer: GraphWriter,
  arithmetic: Arithmetic,
  map: string,
  [rows, columns]: Size,
  [height, width]: Size,
): string {
  if (rows === height && columns === width) return map;
  const matrix = (from: number, to: number, transposed: boolean): string => {
    const taps = resampleTaps(from, { start: 0, length: from }, to);
    const { values, shape } = toTapMatrix(taps, from, transposed);
    return arithmetic.constant([...values], shape);
  };
  const across = matrix(columns, width, true);
  const down = matrix(rows, height, false);
  const resizedRows = writer.add('MatMul', [arithmetic.load(map), across]);
  return arithmetic.store(writer.add('MatMul', [down, resizedRows]));
}
