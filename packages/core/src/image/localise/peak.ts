import type { NdArray } from '../../base/nd-array.ts';
import { cellCentre, visibleShare, type Geometry } from '../geometry.ts';

/**
 * Finds the centre of a raw map's largest cell, in pixels of the original image. Among equal cells the
 * first counts, row by row.
 *
 * Only cells that show part of the image count; cells on the bars of a letterbox do not. A cell can lie
 * partly on a bar with its centre outside the image. Its centre is moved to the nearest pixel's, so a peak
 * always lies inside.
 *
 * @param raw [rows, columns]
 */
export function findPeak(raw: NdArray, geometry: Geometry): { x: number; y: number } {
  const [rows, columns] = raw.shape as [number, number];
  const isShown = (axis: 'x' | 'y', cells: number): boolean[] =>
    Array.from({ length: cells }, (_, index) => visibleShare(geometry, axis, cells, index) > 0);
  const [shownRows, shownColumns] = [isShown('y', rows), isShown('x', columns)];
  let [best, bestRow, bestColumn] = [-Infinity, -1, -1];
  for (let row = 0; row < rows; row++) {
    if (!shownRows[row]) continue;
    for (let column = 0; column < columns; column++) {
      const value = raw.data[row * columns + column]!;
      if (!shownColumns[column] || (bestRow >= 0 && !(value > best))) continue;
      [best, bestRow, bestColumn] = [value, row, column];
    }
  }
  const { width, height } = geometry.image;
  const centre = cellCentre(geometry, [rows, columns], bestRow, bestColumn);
  const inside = (place: number, size: number): number =>
    Math.min(size - 0.5, Math.max(0.5, place));
  return { x: inside(centre.x, width), y: inside(centre.y, height) };
}
