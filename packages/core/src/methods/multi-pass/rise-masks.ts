import { createRandom } from '../../base/random.ts';
import { GradcamError } from '../../base/errors.ts';
import { resampleImage, resampleTaps } from '../../image/resample.ts';
import { checkCount } from '../passes/batched-runs.ts';

export interface RiseMaskOptions {
  /** Number of cells of the coarse grid along each axis; default 7. */
  readonly cells?: number;
  /** Probability that a cell is visible; default 0.5. */
  readonly probability?: number;
  /** Seed of the random numbers; the same seed gives the same masks on every platform. Default 1. */
  readonly seed?: number;
}

/**
 * Generates RISE's masks one after the other, so that only the one in use is in memory.
 *
 * Each cell of a coarse grid is visible at random. The grid is enlarged bilinearly (half-pixel, edges
 * repeated) until it exceeds the image by one cell along each axis, and cropped at a random offset within
 * that cell. For each mask the uniform generator gives first the cells, row by row, then the row and the
 * column of the crop.
 *
 * @returns a function that gives the next mask, [height * width] in 0..1.
 * @throws GradcamError `argument` for an option that is out of range.
 * @see Petsiuk et al. 2018, arXiv 1806.07421, section 3.2
 */
export function createRiseMasks(
  height: number,
  width: number,
  options: RiseMaskOptions = {},
): () => Float32Array {
  const { cells = 7, probability = 0.5, seed = 1 } = options;
  checkCount('cells', cells);
  if (!(probability > 0 && probability <= 1)) {
    throw new GradcamError(
      'argument',
      `probability: expected more than 0 and at most 1, got ${probability}`,
    );
  }
  const random = createRandom(seed);
  const cellHeight = Math.ceil(height / cells);
  const cellWidth = Math.ceil(width / cells);
  const whole = { start: 0, length: cells };
  const down = resampleTaps(cells, whole, (cells + 1) * cellHeight);
  const across = resampleTaps(cells, whole, (cells + 1) * cellWidth);
  return () => {
    const data = Float32Array.from({ length: cells * cells }, () =>
      random() < probability ? 1 : 0,
    );
    const top = Math.floor(random() * cellHeight);
    const left = Math.floor(random() * cellWidth);
    const grid = { width: cells, height: cells, channels: 1, data };
    return resampleImage(grid, down.slice(top, top + height), across.slice(left, left + width));
  };
}
