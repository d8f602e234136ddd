import { GradcamError } from '../../base/errors.ts';
import { prepareSystem } from './multigrid.ts';
import { CENTRE, createGrid, type StencilGrid } from './stencil-grid.ts';

/** Weights of ROAD's imputation: direct neighbours of a pixel, and diagonal ones. */
const DIRECT = 1 / 6;
const DIAGONAL = 1 / 12;

/** The weights of the neighbours, from the upper left to the lower right. */
const weights = [
  ...[DIAGONAL, DIRECT, DIAGONAL],
  ...[DIRECT, 0, DIRECT],
  ...[DIAGONAL, DIRECT, DIAGONAL],
] as const;

/** The size of an image whose pixels stand row by row, each with its channels. */
export interface ImageSize {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** An image in which pixels are missing. */
export interface MissingPixels extends ImageSize {
  readonly values: Float32Array;
  /** 1 where a pixel is missing, [height * width]. */
  readonly missing: Uint8Array;
}

/**
 * Fills missing pixels with ROAD's linear imputation: each becomes the weighted mean of its eight neighbours
 * inside the image, of which some are missing too. The system of equations is symmetric and positive definite
 * as long as one pixel is there; it is solved for each channel.
 *
 * @param values [height, width, channels]; missing pixels may have any value.
 * @returns the filled image, without noise, in float64.
 * @throws GradcamError `argument` where every pixel is missing.
 * @see Rong et al. 2022, arXiv 2202.00449, section 4.2
 */
export function imputeLinearly(image: MissingPixels): Float64Array {
  const { values, missing, width, channels } = image;
  const filled = Float64Array.from(values);
  const { grid, known } = buildSystem(image);
  const { cells, stride } = grid;
  if (cells.length === 0) return filled;
  if (cells.length === missing.length) {
    throw new GradcamError('argument', 'impute: all pixels are missing, so nothing is known');
  }
  const solve = prepareSystem(grid);
  /** The pixel of a cell of the grid, which has a border. */
  const pixelOf = (cell: number): number =>
    (Math.floor(cell / stride) - 1) * width + (cell % stride) - 1;
  for (let channel = 0; channel < channels; channel++) {
    const right = new Float64Array(grid.entries.length / 9);
    for (const { cell, pixel, weight } of known) {
      right[cell]! += weight * values[pixel * channels + channel]!;
    }
    const solution = solve(right);
    for (const cell of cells) filled[pixelOf(cell) * channels + channel] = solution[cell]!;
  }
  return filled;
}

/** A known pixel beside a missing one. */
interface KnownNeighbour {
  /** The cell of the missing pixel. */
  readonly cell: number;
  readonly pixel: number;
  readonly weight: number;
}

/** diagonal * x - sum of weight * x at missing neighbours = sum of weight * value at known neighbours. */
function buildSystem({ missing, height, width }: MissingPixels): {
  readonly grid: StencilGrid;
  readonly known: readonly KnownNeighbour[];
} {
  const grid = createGrid(height, width);
  const { entries, stride } = grid;
  const cells: number[] = [];
  const known: KnownNeighbour[] = [];
  for (let pixel = 0; pixel < missing.length; pixel++) {
    if (missing[pixel] !== 1) continue;
    const [y, x] = [Math.floor(pixel / width), pixel % width];
    const cell = (y + 1) * stride + x + 1;
    cells.push(cell);
    weights.forEach((weight, entry) => {
      const [top, left] = [y + Math.floor(entry / 3) - 1, x + (entry % 3) - 1];
      if (weight === 0 || top < 0 || left < 0 || top >= height || left >= width) return;
      entries[9 * cell + CENTRE]! += weight;
      const other = top * width + left;
      if (missing[other] === 1) entries[9 * cell + entry] = -weight;
      else known.push({ cell, pixel: other, weight });
    });
  }
  return { grid: { ...grid, cells: Uint32Array.from(cells) }, known };
}
