import { argMax, type NdArray } from '../array/nd-array.ts';
import { cellCentre, type Geometry } from '../image/geometry.ts';

/** Centre of a raw map's largest cell in pixels of the original image; ties go to the first, row by row. */
export function findPeak(raw: NdArray, geometry: Geometry): { x: number; y: number } {
  const [rows, columns] = raw.shape as [number, number];
  const index = Math.max(0, argMax(raw.data));
  return cellCentre(geometry, [rows, columns], Math.floor(index / columns), index % columns);
}
