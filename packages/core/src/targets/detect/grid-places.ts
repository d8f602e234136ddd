/** The strides of detectors' grids: pixels of the input for each cell. */
const STRIDES = [4, 8, 16, 32, 64, 128];

/** Detectors use at least two grids. The tokens of a transformer also form a single grid. */
const FEWEST_GRIDS = 2;

/** Boxes in each cell in the versions of YOLO. */
const PER_CELL = [1, 3] as const;

/**
 * The number of boxes in each cell, if all cells of some neighbouring grids of an input have this many
 * places together. For 640 x 640, 8400 places are one box in each cell of strides 8, 16 and 32, and
 * 25200 are three.
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
