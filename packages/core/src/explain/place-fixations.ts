import { cellCentre, type Geometry } from '../image/geometry.ts';
import type { Fixation } from '../methods/fixations/unravel.ts';
import type { FixationPoint } from '../run/result-line.ts';

/**
 * Brings fixations from the model's input to the original image: each becomes the pixel that holds the
 * centre of its cell. Cells whose centre lies outside the image, on the bars of a letterbox, are left out.
 * Cells that meet in one pixel are counted together.
 *
 * @param fixations in cells of the model's input.
 * @returns pixels of the original, row by row.
 */
export function placeFixations(
  fixations: readonly Fixation[],
  geometry: Geometry,
): FixationPoint[] {
  const { image, input } = geometry;
  const counts = new Map<number, number>();
  for (const { row, column, count } of fixations) {
    const centre = cellCentre(geometry, [input.height, input.width], row, column);
    const [x, y] = [Math.floor(centre.x), Math.floor(centre.y)];
    if (x < 0 || y < 0 || x >= image.width || y >= image.height) continue;
    const pixel = y * image.width + x;
    counts.set(pixel, (counts.get(pixel) ?? 0) + count);
  }
  return [...counts]
    .sort(([a], [b]) => a - b)
    .map(([pixel, count]) => ({
      x: pixel % image.width,
      y: Math.floor(pixel / image.width),
      count,
    }));
}
