/** Pixels of the input for each cell, of the grids that detectors look at. */
const STRIDES = [4, 8, 16, 32, 64, 128];

/** Detectors look at two grids or more: a single one is also what a transformer's tokens are. */
const FEWEST_GRIDS = 2;

/** Boxes in each cell, of the YOLO versions. */
const PER_CELL = [1, 3] as const;

/**
 * How many boxes each cell has, where so many places are all cells of some neighbouring grids of an
 * input: 8400 of 640 x 640 are one in each cell of strides 8, 16 and 32, and 25200 are three.
 *
 * @returns null for a number of places that no such grids have.
 */
export function boxesPerCell(
  places: number,
  [height, width]: readonly [height: number, width: number],
): 1 | 3 | null {
  for (const [first] of STRIDES.entries()) {
    let cells = 0;
    for (const [i, stride] of STRIDES.slice(first).entries()) {
      cells += Math.ceil(height / stride) * Math.ceil(width / stride);
      if (i + 1 < FEWEST_GRIDS) continue;
      const found = PER_CELL.find((count) => count * cells === places);
      if (found !== undefined) return found;
    }
  }
  return null;
}
