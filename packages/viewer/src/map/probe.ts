import { cellAt, type Cell } from './cell-map.ts';
import type { MapData } from './map-data.ts';

/** A place in an image as shares of its width and height, so that it holds for copies of any size. */
export interface Place {
  readonly across: number;
  readonly down: number;
}

/** The values of a map at a place. */
export interface Reading {
  readonly cell: Cell;
  /** The cell's raw value, with its sign and without normalisation. */
  readonly raw: number;
  /** For a map at pixels, the raw values of the cell's channels: red, green and blue, or one. */
  readonly channels?: readonly number[];
  /** The smooth map's value at the place, as a share of its maximum. */
  readonly shown: number;
}

/** Reads a map at a place. It returns null where the model did not see the image. */
export function readMap(data: MapData, { across, down }: Place): Reading | null {
  const { geometry, raw, gradient, smooth } = data;
  const { width, height } = geometry.image;
  const [rows, columns] = raw.shape as [number, number];
  const [x, y] = [across * width, down * height];
  const cell = cellAt(geometry, [rows, columns], x, y);
  if (cell === null) return null;
  const index = cell.row * columns + cell.column;
  const count = gradient?.shape[2] ?? 0;
  return {
    cell,
    raw: raw.data[index]!,
    ...(gradient !== null && {
      channels: [...gradient.data.subarray(index * count, (index + 1) * count)],
    }),
    shown: smooth.values[Math.floor(y) * width + Math.floor(x)]!,
  };
}

/** The centre of the cell that is a number of cells away from a place. It does not leave the grid. */
export function stepToCell(
  { geometry, raw }: MapData,
  from: Place | null,
  rows: number,
  columns: number,
): Place {
  const { image, view } = geometry;
  const grid = raw.shape as [number, number];
  const start = from ?? {
    across: (view.x + view.width / 2) / image.width,
    down: (view.y + view.height / 2) / image.height,
  };
  const step = (at: number, by: number, count: number): number =>
    Math.min(count - 1, Math.max(0, Math.floor(at) + by));
  const moved = from === null ? [0, 0] : [rows, columns];
  const row = step(
    ((start.down * image.height - view.y) / view.height) * grid[0],
    moved[0]!,
    grid[0],
  );
  const column = step(
    ((start.across * image.width - view.x) / view.width) * grid[1],
    moved[1]!,
    grid[1],
  );
  return {
    across: (view.x + ((column + 0.5) / grid[1]) * view.width) / image.width,
    down: (view.y + ((row + 0.5) / grid[0]) * view.height) / image.height,
  };
}
