import type { DisplayMap, Geometry, NdArray } from '@gradcam/core';

/** A cell of a raw map. */
export interface Cell {
  readonly row: number;
  readonly column: number;
}

/** The cell under a point of the image, in pixels; null outside the part of the image that the model saw. */
export function cellAt(
  { view, image }: Geometry,
  grid: readonly [rows: number, columns: number],
  x: number,
  y: number,
): Cell | null {
  if (x < 0 || y < 0 || x >= image.width || y >= image.height) return null;
  const row = Math.floor(((y - view.y) / view.height) * grid[0]);
  const column = Math.floor(((x - view.x) / view.width) * grid[1]);
  const isInside = row >= 0 && row < grid[0] && column >= 0 && column < grid[1];
  return isInside ? { row, column } : null;
}

/**
 * Draws the cells of the raw map over the image without interpolation. This shows how coarse the data
 * behind the smooth map is.
 */
export function createCellMap(raw: NdArray, relu: boolean, geometry: Geometry): DisplayMap {
  const [rows, columns] = raw.shape as [number, number];
  const { width, height } = geometry.image;
  const values = new Float32Array(width * height);
  const visible = new Uint8Array(width * height);
  const shown = relu ? raw.data.map((value) => Math.max(0, value)) : raw.data;
  const largest = shown.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  const { view } = geometry;
  const rowOf = cellsAlong(height, view.y, view.height, rows);
  const columnOf = cellsAlong(width, view.x, view.width, columns);
  for (let y = 0; y < height; y++) {
    if (rowOf[y]! < 0) continue;
    for (let x = 0; x < width; x++) {
      if (columnOf[x]! < 0) continue;
      const i = y * width + x;
      visible[i] = 1;
      if (largest > 0) values[i] = shown[rowOf[y]! * columns + columnOf[x]!]! / largest;
    }
  }
  return { width, height, values, visible };
}

/** The index of the cell that contains each pixel's centre along one axis; -1 outside the grid. */
function cellsAlong(pixels: number, start: number, length: number, cells: number): Int32Array {
  return Int32Array.from({ length: pixels }, (_, i) => {
    const cell = Math.floor(((i + 0.5 - start) / length) * cells);
    return cell >= 0 && cell < cells ? cell : -1;
  });
}
