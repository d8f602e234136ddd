/** The strides of YOLOX's grids: pixels of the input for each cell. */
export const YOLOX_STRIDES = [8, 16, 32] as const;

/** Height and width of an input, in pixels. */
type Size = readonly [height: number, width: number];

/** Rows and columns of the grids of an input, one for each stride. */
export function yoloxGrids([height, width]: Size): readonly Size[] {
  return YOLOX_STRIDES.map((stride) => [Math.ceil(height / stride), Math.ceil(width / stride)]);
}

/** Number of cells of all grids of an input. Each cell has one box. */
export function countYoloxCells(size: Size): number {
  return yoloxGrids(size).reduce((sum, [rows, columns]) => sum + rows * columns, 0);
}

/**
 * A function that decodes the box of a place, as YOLOX does behind its heads (Ge et al. 2021,
 * `decode_outputs`): the centre is the offset plus the cell, times the stride; a side is the exponential
 * times the stride. The places follow the rows of the grids, the finest grid first.
 *
 * @returns centre and size in pixels of the input.
 */
export function yoloxDecoder(size: Size): (place: number, four: readonly number[]) => number[] {
  const cells = yoloxGrids(size).flatMap(([rows, columns], i) =>
    Array.from({ length: rows * columns }, (_, cell) => ({
      column: cell % columns,
      row: Math.floor(cell / columns),
      stride: YOLOX_STRIDES[i]!,
    })),
  );
  return (place, [x = NaN, y = NaN, width = NaN, height = NaN]) => {
    const { column, row, stride } = cells[place]!;
    return [
      (x + column) * stride,
      (y + row) * stride,
      Math.exp(width) * stride,
      Math.exp(height) * stride,
    ];
  };
}
