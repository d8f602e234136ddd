/**
 * A symmetric system of equations on a grid, in which an unknown is linked with its eight neighbours at most.
 *
 * The grid has a border one cell wide, so that each cell has eight neighbours in the arrays; the border holds
 * no unknowns. Vectors over the grid have `stride * (height + 2)` values, and 0 where no unknown is.
 */
export interface StencilGrid {
  readonly height: number;
  readonly width: number;
  /** Cells from one row to the next, the border included. */
  readonly stride: number;
  /** The cells that hold an unknown, in rising order. */
  readonly cells: Uint32Array;
  /**
   * The matrix: nine entries for each cell, for the neighbours from the upper left to the lower right. The
   * fifth is the diagonal. Entries towards cells without an unknown are 0.
   */
  readonly entries: Float64Array;
}

/** The diagonal's place among the nine entries of a cell. */
export const CENTRE = 4;

/** A grid without unknowns, to be filled. */
export function createGrid(height: number, width: number): Omit<StencilGrid, 'cells'> {
  const stride = width + 2;
  return { height, width, stride, entries: new Float64Array(9 * stride * (height + 2)) };
}

/** The distances in the arrays from a cell to itself and its neighbours, in the order of the entries. */
export function neighbourSteps({ stride }: Pick<StencilGrid, 'stride'>): readonly number[] {
  return [-1, 0, 1].flatMap((dy) => [-1, 0, 1].map((dx) => dy * stride + dx));
}

/** A grid with half of the rows and columns, and what leads to it. */
export interface CoarseGrid {
  readonly grid: StencilGrid;
  /** For each unknown of the finer grid, the four cells of the coarse grid whose mean it takes. */
  readonly parents: Uint32Array;
  /** The weights of the four. They add up to 1; a parent that is not needed has 0. */
  readonly weights: Float64Array;
}

/**
 * The same system for corrections that are smooth: the coarse grid has every second row and column,
 * bilinear interpolation P leads from it to the finer grid, and the coarse matrix is P' A P (the Galerkin
 * product). Nine entries for each cell are enough for it too.
 *
 * @see Trottenberg, Oosterlee and Schüller, Multigrid, 2001, sections 2.3 and 7.7
 */
export function coarsen(fine: StencilGrid): CoarseGrid {
  const coarse = createGrid(Math.ceil(fine.height / 2), Math.ceil(fine.width / 2));
  const { parents, weights } = interpolate(fine, coarse);
  const placeOf = new Int32Array(fine.entries.length / 9).fill(-1);
  fine.cells.forEach((cell, place) => (placeOf[cell] = place));
  const steps = neighbourSteps(fine);
  const { stride, entries } = coarse;
  /** The entry for a neighbour at this distance, with the distance to the upper left as 0. */
  const entryAt = new Uint8Array(2 * stride + 3);
  neighbourSteps(coarse).forEach((step, entry) => (entryAt[step + stride + 1] = entry));
  for (let place = 0; place < fine.cells.length; place++) {
    const cell = fine.cells[place]!;
    for (let k = 0; k < 9; k++) {
      const value = fine.entries[9 * cell + k]!;
      if (value === 0) continue;
      const other = placeOf[cell + steps[k]!]!;
      for (let p = 4 * place; p < 4 * place + 4; p++) {
        const weighted = weights[p]! * value;
        if (weighted === 0) continue;
        const from = parents[p]!;
        for (let q = 4 * other; q < 4 * other + 4; q++) {
          if (weights[q]! === 0) continue;
          entries[9 * from + entryAt[parents[q]! - from + stride + 1]!]! += weighted * weights[q]!;
        }
      }
    }
  }
  const cells: number[] = [];
  for (let cell = 0; cell < entries.length / 9; cell++) {
    if (entries[9 * cell + CENTRE]! > 0) cells.push(cell);
  }
  return { grid: { ...coarse, cells: Uint32Array.from(cells) }, parents, weights };
}

function interpolate(
  fine: StencilGrid,
  coarse: Pick<StencilGrid, 'height' | 'width' | 'stride'>,
): Pick<CoarseGrid, 'parents' | 'weights'> {
  const parents = new Uint32Array(4 * fine.cells.length);
  const weights = new Float64Array(4 * fine.cells.length);
  fine.cells.forEach((cell, place) => {
    const [y, x] = [Math.floor(cell / fine.stride) - 1, (cell % fine.stride) - 1];
    const rows = shareOf(y, coarse.height);
    const columns = shareOf(x, coarse.width);
    for (let i = 0; i < 4; i++) {
      const [row, column] = [i >> 1, i & 1];
      const weight = rows[row]! * columns[column]!;
      if (weight === 0) continue;
      parents[4 * place + i] = ((y >> 1) + row + 1) * coarse.stride + (x >> 1) + column + 1;
      weights[4 * place + i] = weight;
    }
  });
  return { parents, weights };
}

/** How much a row takes from the coarse row before it and from the one after it. */
function shareOf(at: number, count: number): readonly [before: number, after: number] {
  if (at % 2 === 0) return [1, 0];
  return (at >> 1) + 1 < count ? [0.5, 0.5] : [1, 0];
}
